package local

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
)

// clients talk to the local AWS.
type clients struct {
	dynamodb *dynamodb.Client
	streams  *dynamodbstreams.Client
	sqs      *sqs.Client
	cognito  *cognito.Client
	kms      *kms.Client
	http     *http.Client
}

func newClients(endpoint string) clients {
	// A connection pool of its own: MiniStack takes seconds to end while
	// connections are open, so they are closed when they are done with.
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 16}}
	config := aws.Config{
		HTTPClient:   awshttp.PlainBodies(client),
		Region:       region,
		BaseEndpoint: aws.String(endpoint),
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "test", SecretAccessKey: "test"}, nil
		}),
	}
	return clients{
		dynamodb: dynamodb.NewFromConfig(config),
		streams:  dynamodbstreams.NewFromConfig(config),
		sqs:      sqs.NewFromConfig(config),
		cognito:  cognito.NewFromConfig(config),
		kms:      kms.NewFromConfig(config),
		http:     client,
	}
}

func (c clients) close() { c.http.CloseIdleConnections() }
