package engine

import (
	"context"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
	cognito "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/quintet-agents/quintet/shared/awshttp"
	"github.com/quintet-agents/quintet/shared/local/arn"
)

// Clients has the clients of the local AWS.
type Clients struct {
	DynamoDB *dynamodb.Client
	Streams  *dynamodbstreams.Client
	SQS      *sqs.Client
	Cognito  *cognito.Client
	KMS      *kms.Client
	HTTP     *http.Client
}

// NewClients returns clients of the local AWS at endpoint.
func NewClients(endpoint string) Clients {
	// Use a separate connection pool that Close can close: MiniStack takes seconds
	// to exit while connections are open.
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 16}}
	config := aws.Config{
		HTTPClient:   awshttp.PlainBodies(client),
		Region:       arn.Region,
		BaseEndpoint: aws.String(endpoint),
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "test", SecretAccessKey: "test"}, nil
		}),
	}
	return Clients{
		DynamoDB: dynamodb.NewFromConfig(config),
		Streams:  dynamodbstreams.NewFromConfig(config),
		SQS:      sqs.NewFromConfig(config),
		Cognito:  cognito.NewFromConfig(config),
		KMS:      kms.NewFromConfig(config),
		HTTP:     client,
	}
}

// Close closes idle connections.
func (c Clients) Close() { c.HTTP.CloseIdleConnections() }
