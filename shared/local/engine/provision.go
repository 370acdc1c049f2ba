package engine

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/quintet-agents/quintet/shared/local/sam"
)

// Provision creates a template's tables, queues, user pools and keys in the local AWS
// at endpoint. Existing ones keep their data. It returns the ids that the local AWS has
// generated, by logical id.
func Provision(ctx context.Context, t *sam.Template, endpoint string) (chosen map[string]string, err error) {
	clients := NewClients(endpoint)
	defer clients.Close()
	for _, table := range t.Tables() {
		if err := provisionTable(ctx, clients.DynamoDB, table); err != nil {
			return nil, fmt.Errorf("provision table %s: %w", table.Name(), err)
		}
	}
	if err := provisionQueues(ctx, clients.SQS, t.Queues()); err != nil {
		return nil, err
	}
	if chosen, err = provisionUserPools(ctx, t, clients.Cognito); err != nil {
		return nil, err
	}
	return chosen, provisionKeys(ctx, t, clients.KMS, chosen)
}

// tableAPI has the calls of DynamoDB that provisioning needs.
type tableAPI interface {
	dynamodb.DescribeTableAPIClient
	CreateTable(context.Context, *dynamodb.CreateTableInput, ...func(*dynamodb.Options)) (*dynamodb.CreateTableOutput, error)
	UpdateTable(context.Context, *dynamodb.UpdateTableInput, ...func(*dynamodb.Options)) (*dynamodb.UpdateTableOutput, error)
	DescribeTimeToLive(context.Context, *dynamodb.DescribeTimeToLiveInput, ...func(*dynamodb.Options)) (*dynamodb.DescribeTimeToLiveOutput, error)
	UpdateTimeToLive(context.Context, *dynamodb.UpdateTimeToLiveInput, ...func(*dynamodb.Options)) (*dynamodb.UpdateTimeToLiveOutput, error)
}

const provisionTime = time.Minute

func provisionTable(ctx context.Context, api tableAPI, table sam.Table) error {
	name := table.Create.TableName
	found, err := api.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: name})
	var missing *types.ResourceNotFoundException
	switch {
	case errors.As(err, &missing):
		_, err = api.CreateTable(ctx, table.Create)
	case err == nil:
		err = upgradeTable(ctx, api, table, found.Table)
	}
	if err != nil {
		return err
	}
	if err := awaitTable(ctx, api, name); err != nil {
		return err
	}
	return provisionTTL(ctx, api, table)
}

// upgradeTable adds the template's new indexes to an existing table. It cannot change
// the table's keys.
func upgradeTable(ctx context.Context, api tableAPI, table sam.Table, found *types.TableDescription) error {
	if !sameKeys(found.KeySchema, table.Create.KeySchema) {
		return errors.New("it exists with other keys than the template's; delete the local state to create it again")
	}
	known := map[string]bool{}
	for _, index := range found.GlobalSecondaryIndexes {
		known[aws.ToString(index.IndexName)] = true
	}
	for _, index := range table.Create.GlobalSecondaryIndexes {
		if known[aws.ToString(index.IndexName)] {
			continue
		}
		_, err := api.UpdateTable(ctx, &dynamodb.UpdateTableInput{
			TableName:            table.Create.TableName,
			AttributeDefinitions: table.Create.AttributeDefinitions,
			GlobalSecondaryIndexUpdates: []types.GlobalSecondaryIndexUpdate{{
				Create: &types.CreateGlobalSecondaryIndexAction{
					IndexName:             index.IndexName,
					KeySchema:             index.KeySchema,
					Projection:            index.Projection,
					ProvisionedThroughput: index.ProvisionedThroughput,
				},
			}},
		})
		if err != nil {
			return fmt.Errorf("add index %s: %w", aws.ToString(index.IndexName), err)
		}
		if err := awaitTable(ctx, api, table.Create.TableName); err != nil {
			return err
		}
	}
	return nil
}

func sameKeys(a, b []types.KeySchemaElement) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if aws.ToString(a[i].AttributeName) != aws.ToString(b[i].AttributeName) || a[i].KeyType != b[i].KeyType {
			return false
		}
	}
	return true
}

func awaitTable(ctx context.Context, api tableAPI, name *string) error {
	waiter := dynamodb.NewTableExistsWaiter(api, func(o *dynamodb.TableExistsWaiterOptions) {
		o.MinDelay, o.MaxDelay = 50*time.Millisecond, time.Second
	})
	return waiter.Wait(ctx, &dynamodb.DescribeTableInput{TableName: name}, provisionTime)
}

func provisionTTL(ctx context.Context, api tableAPI, table sam.Table) error {
	if table.TTLAttribute == "" {
		return nil
	}
	found, err := api.DescribeTimeToLive(ctx, &dynamodb.DescribeTimeToLiveInput{TableName: table.Create.TableName})
	if err != nil {
		return err
	}
	if d := found.TimeToLiveDescription; d != nil && d.TimeToLiveStatus == types.TimeToLiveStatusEnabled {
		return nil
	}
	_, err = api.UpdateTimeToLive(ctx, &dynamodb.UpdateTimeToLiveInput{
		TableName: table.Create.TableName,
		TimeToLiveSpecification: &types.TimeToLiveSpecification{
			AttributeName: aws.String(table.TTLAttribute),
			Enabled:       aws.Bool(true),
		},
	})
	return err
}
