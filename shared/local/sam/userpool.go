package sam

import (
	"encoding/json"

	"github.com/aws/aws-sdk-go-v2/aws"
	cognito "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
)

// UserPool is an AWS::Cognito::UserPool. Cognito generates its id; until the pool is
// provisioned, the id is fictitious.
type UserPool struct {
	LogicalID string
	ID        string
	Create    *cognito.CreateUserPoolInput
}

// UserPoolClient is an AWS::Cognito::UserPoolClient. Until it is provisioned, its id is
// fictitious.
type UserPoolClient struct {
	LogicalID string
	ID        string
	Create    *cognito.CreateUserPoolClientInput
}

// UserPools returns the AWS::Cognito::UserPool resources in file order.
func (t *Template) UserPools() []UserPool { return append([]UserPool(nil), t.userPools...) }

// UserPoolClients returns the AWS::Cognito::UserPoolClient resources in file
// order.
func (t *Template) UserPoolClients() []UserPoolClient {
	return append([]UserPoolClient(nil), t.userPoolClients...)
}

func (t *Template) addUserPool(resource *resourceNode) error {
	pool := UserPool{LogicalID: resource.id, Create: &cognito.CreateUserPoolInput{}}
	var err error
	if pool.ID, err = t.resolver.identify(resource); err != nil {
		return err
	}
	if err := t.adopt(resource, pool.Create); err != nil {
		return err
	}
	name, err := t.resolver.name(resource)
	pool.Create.PoolName = aws.String(name)
	t.userPools = append(t.userPools, pool)
	return err
}

func (t *Template) addUserPoolClient(resource *resourceNode) error {
	client := UserPoolClient{LogicalID: resource.id, Create: &cognito.CreateUserPoolClientInput{}}
	var err error
	if client.ID, err = t.resolver.identify(resource); err != nil {
		return err
	}
	if err := t.adopt(resource, client.Create); err != nil {
		return err
	}
	name, err := t.resolver.name(resource)
	client.Create.ClientName = aws.String(name)
	t.userPoolClients = append(t.userPoolClients, client)
	return err
}

// adopt copies a resource's properties into the input of a Cognito call, which has the same
// names. Properties that the call lacks apply only in the cloud.
func (t *Template) adopt(resource *resourceNode, input any) error {
	var properties map[string]any
	if err := t.resolver.decode(resource.properties, resource.id, &properties); err != nil {
		return err
	}
	text, err := json.Marshal(properties)
	if err == nil {
		err = json.Unmarshal(text, input)
	}
	if err != nil {
		return errorAt(resource.properties, resource.id, "%v", err)
	}
	return nil
}
