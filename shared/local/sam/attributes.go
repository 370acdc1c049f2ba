package sam

import (
	"path"
	"strings"

	"github.com/quintet-agents/quintet/shared/local/arn"
)

var pseudoParameters = map[string]string{
	"AWS::AccountId": arn.Account,
	"AWS::Partition": "aws",
	"AWS::Region":    arn.Region,
	"AWS::StackId":   "arn:aws:cloudformation:" + arn.Region + ":" + arn.Account + ":stack/local/local",
	"AWS::StackName": "local",
	"AWS::URLSuffix": "amazonaws.com",
}

// identify returns the value of Ref for a resource.
func (r *resolver) identify(resource *resourceNode) (string, error) {
	if id, ok := r.chosen[resource.id]; ok {
		return id, nil
	}
	name, err := r.name(resource)
	switch resource.kind {
	case "AWS::SQS::Queue":
		return r.endpoint + "/" + arn.Account + "/" + name, err
	case userPool:
		return arn.Region + "_" + resource.id, nil
	case "AWS::Cognito::UserPoolClient":
		return resource.id, nil
	}
	return name, err
}

// attribute returns the value of Fn::GetAtt. Attributes of resources that do not exist
// locally have a value of the right form.
func (r *resolver) attribute(resource *resourceNode, attribute string) (string, error) {
	if resource.kind == userPool {
		return r.userPoolAttribute(resource, attribute)
	}
	name, err := r.name(resource)
	if resource.kind == arn.KMSKey {
		if name, err = r.identify(resource); attribute == "KeyId" {
			return name, err
		}
	}
	switch attribute {
	case "Arn":
		return arn.Of(resource.kind, name), err
	case "StreamArn":
		return arn.Of(resource.kind, name) + "/stream/local", err
	case "QueueUrl":
		return r.identify(resource)
	case "QueueName":
		return name, err
	}
	if strings.HasSuffix(attribute, "Arn") {
		return arn.Of(resource.kind, name), err
	}
	return name + "." + attribute, err
}

const userPool = "AWS::Cognito::UserPool"

func (r *resolver) userPoolAttribute(resource *resourceNode, attribute string) (string, error) {
	id, err := r.identify(resource)
	provider := "cognito-idp." + arn.Region + ".amazonaws.com/" + id
	switch attribute {
	case "Arn":
		return "arn:aws:cognito-idp:" + arn.Region + ":" + arn.Account + ":userpool/" + id, err
	case "ProviderName":
		return provider, err
	case "ProviderURL":
		return "https://" + provider, err
	}
	return id, err // UserPoolId
}

// name returns a resource's physical name: its name in the template, or its logical id. A
// function's name is its folder's.
func (r *resolver) name(resource *resourceNode) (string, error) {
	property := map[string]string{
		"AWS::DynamoDB::Table":         "TableName",
		"AWS::SQS::Queue":              "QueueName",
		userPool:                       "UserPoolName",
		"AWS::Cognito::UserPoolClient": "ClientName",
		"AWS::Serverless::Function":    "CodeUri",
	}[resource.kind]
	given := lookup(resource.properties, property)
	if given == nil {
		return resource.id, nil
	}
	at := resource.id + "." + property
	leave, err := r.enter(at, given)
	if err != nil {
		return "", err
	}
	defer leave()
	name, err := r.text(given, at)
	if property == "CodeUri" {
		name = path.Base(name)
	}
	return name, err
}
