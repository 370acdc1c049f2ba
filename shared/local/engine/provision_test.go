package engine

import (
	"context"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/google/go-cmp/cmp"

	"github.com/quintet-agents/quintet/shared/local/sam"
)

func testTemplate(t *testing.T) *sam.Template {
	t.Helper()
	template, err := sam.Load("../testdata/template.yaml", nil)
	if err != nil {
		t.Fatal(err)
	}
	return template
}

// fakeTables is a DynamoDB that stores only the definitions of tables.
type fakeTables struct {
	tables map[string]*types.TableDescription
	ttl    map[string]string
	calls  []string // calls that changed a table
}

func (f *fakeTables) DescribeTable(_ context.Context, in *dynamodb.DescribeTableInput, _ ...func(*dynamodb.Options)) (*dynamodb.DescribeTableOutput, error) {
	table, ok := f.tables[aws.ToString(in.TableName)]
	if !ok {
		return nil, &types.ResourceNotFoundException{}
	}
	return &dynamodb.DescribeTableOutput{Table: table}, nil
}

func (f *fakeTables) CreateTable(_ context.Context, in *dynamodb.CreateTableInput, _ ...func(*dynamodb.Options)) (*dynamodb.CreateTableOutput, error) {
	f.calls = append(f.calls, "create "+aws.ToString(in.TableName))
	table := &types.TableDescription{TableStatus: types.TableStatusActive, KeySchema: in.KeySchema}
	for _, index := range in.GlobalSecondaryIndexes {
		table.GlobalSecondaryIndexes = append(table.GlobalSecondaryIndexes, types.GlobalSecondaryIndexDescription{IndexName: index.IndexName})
	}
	f.tables[aws.ToString(in.TableName)] = table
	return &dynamodb.CreateTableOutput{}, nil
}

func (f *fakeTables) UpdateTable(_ context.Context, in *dynamodb.UpdateTableInput, _ ...func(*dynamodb.Options)) (*dynamodb.UpdateTableOutput, error) {
	f.calls = append(f.calls, "add index "+aws.ToString(in.GlobalSecondaryIndexUpdates[0].Create.IndexName))
	return &dynamodb.UpdateTableOutput{}, nil
}

func (f *fakeTables) DescribeTimeToLive(_ context.Context, in *dynamodb.DescribeTimeToLiveInput, _ ...func(*dynamodb.Options)) (*dynamodb.DescribeTimeToLiveOutput, error) {
	d := &types.TimeToLiveDescription{TimeToLiveStatus: types.TimeToLiveStatusDisabled}
	if f.ttl[aws.ToString(in.TableName)] != "" {
		d.TimeToLiveStatus = types.TimeToLiveStatusEnabled
	}
	return &dynamodb.DescribeTimeToLiveOutput{TimeToLiveDescription: d}, nil
}

func (f *fakeTables) UpdateTimeToLive(_ context.Context, in *dynamodb.UpdateTimeToLiveInput, _ ...func(*dynamodb.Options)) (*dynamodb.UpdateTimeToLiveOutput, error) {
	f.calls = append(f.calls, "expire by "+aws.ToString(in.TimeToLiveSpecification.AttributeName))
	f.ttl[aws.ToString(in.TableName)] = aws.ToString(in.TimeToLiveSpecification.AttributeName)
	return &dynamodb.UpdateTimeToLiveOutput{}, nil
}

func TestProvision_Table(t *testing.T) {
	table := testTemplate(t).Tables()[0]
	fake := &fakeTables{tables: map[string]*types.TableDescription{}, ttl: map[string]string{}}
	expect := func(step string, want ...string) {
		t.Helper()
		fake.calls = nil
		if err := provisionTable(t.Context(), fake, table); err != nil {
			t.Fatalf("%s: %v", step, err)
		}
		if diff := cmp.Diff(want, fake.calls); diff != "" {
			t.Errorf("%s (-want +got):\n%s", step, diff)
		}
	}
	expect("the first time", "create things-test", "expire by ttl")
	expect("the second time")
	fake.tables["things-test"].GlobalSecondaryIndexes = nil
	expect("after the template gained an index", "add index due")

	fake.tables["things-test"].KeySchema = fake.tables["things-test"].KeySchema[:1]
	if err := provisionTable(t.Context(), fake, table); err == nil || !strings.Contains(err.Error(), "other keys") {
		t.Errorf(`other keys: got error %v, want "other keys" in it`, err)
	}
}

// fakeQueues is an SQS with queues by URL.
type fakeQueues struct {
	urls  map[string]string
	calls []string
}

func (f *fakeQueues) GetQueueUrl(_ context.Context, in *sqs.GetQueueUrlInput, _ ...func(*sqs.Options)) (*sqs.GetQueueUrlOutput, error) {
	url, ok := f.urls[aws.ToString(in.QueueName)]
	if !ok {
		return nil, &sqstypes.QueueDoesNotExist{}
	}
	return &sqs.GetQueueUrlOutput{QueueUrl: aws.String(url)}, nil
}

func (f *fakeQueues) CreateQueue(_ context.Context, in *sqs.CreateQueueInput, _ ...func(*sqs.Options)) (*sqs.CreateQueueOutput, error) {
	name := aws.ToString(in.QueueName)
	f.calls = append(f.calls, "create "+name)
	f.urls[name] = "url:" + name
	return &sqs.CreateQueueOutput{QueueUrl: aws.String(f.urls[name])}, nil
}

func (f *fakeQueues) SetQueueAttributes(_ context.Context, in *sqs.SetQueueAttributesInput, _ ...func(*sqs.Options)) (*sqs.SetQueueAttributesOutput, error) {
	f.calls = append(f.calls, "configure "+aws.ToString(in.QueueUrl))
	return &sqs.SetQueueAttributesOutput{}, nil
}

func TestProvision_Queues(t *testing.T) {
	queues := testTemplate(t).Queues()
	fake := &fakeQueues{urls: map[string]string{}}
	configure := []string{"configure url:Jobs", "configure url:jobs-dead"}
	for _, want := range [][]string{append([]string{"create Jobs", "create jobs-dead"}, configure...), configure} {
		fake.calls = nil
		if err := provisionQueues(t.Context(), fake, queues); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, fake.calls); diff != "" {
			t.Errorf("calls (-want +got):\n%s", diff)
		}
	}
}
