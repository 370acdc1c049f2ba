// Package arn returns the ARNs of local resources. They all have the same fictitious
// account and region. MiniStack uses the same account, so these ARNs name its resources.
package arn

import "strings"

// The account and the region of every resource.
const (
	Account = "000000000000"
	Region  = "us-east-1"
)

// KMSKey is the resource type of a KMS key.
const KMSKey = "AWS::KMS::Key"

// Of returns the ARN of a resource by its type, AWS::SQS::Queue, and its name.
func Of(kind, name string) string {
	switch kind {
	case "AWS::DynamoDB::Table":
		name = "table/" + name
	case KMSKey:
		name = "key/" + name
	case "AWS::Serverless::Function":
		kind, name = "AWS::Lambda::Function", "function:"+name
	}
	service := strings.ToLower(strings.Split(kind+"::", "::")[1])
	return "arn:aws:" + service + ":" + Region + ":" + Account + ":" + name
}
