package sam

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func loadTestTemplate(t *testing.T, params map[string]string) *Template {
	t.Helper()
	template, err := Load("../testdata/template.yaml", params)
	if err != nil {
		t.Fatal(err)
	}
	return template
}

func TestTemplate_Functions(t *testing.T) {
	got := loadTestTemplate(t, nil).Functions()
	if len(got) != 6 {
		t.Fatalf("got %d functions, want 6", len(got))
	}
	want := Function{
		LogicalID: "Echo", Name: "echo", CodeURI: "functions/echo/", Handler: "bootstrap", Runtime: "provided.al2023",
		Timeout: 20 * time.Second, MemorySize: 256,
		Environment: map[string]string{"TABLE": "things-test", "STAGE": "test-echo", "QUEUE": "http://127.0.0.1:4566/000000000000/Jobs"},
	}
	if diff := cmp.Diff(want, got[0]); diff != "" {
		t.Errorf("the first function (-want +got):\n%s", diff)
	}
	if got := got[3]; got.Name != "script" || got.Timeout != time.Second || got.Environment["STAGE"] != "test" {
		t.Errorf("got fourth function %+v, want script with a timeout of 1s and STAGE=test", got)
	}
}

func TestTemplate_Routes(t *testing.T) {
	got := loadTestTemplate(t, nil).Routes()
	byKey := map[string]Route{}
	for _, r := range got {
		byKey[r.Method+" "+r.Path] = r
	}
	for key, want := range map[string]Route{
		"POST /echo/{id}/parts": {Method: "POST", Path: "/echo/{id}/parts", Function: "echo", Timeout: maxBufferedTime, API: "Api"},
		"ANY /files/{path+}":    {Method: "ANY", Path: "/files/{path+}", Function: "echo", Timeout: maxBufferedTime, API: "Api"},
		"GET /stream":           {Method: "GET", Path: "/stream", Function: "stream", Stream: true, Timeout: MaxStreamedTime, API: "Api"},
		"GET /slow/hasty":       {Method: "GET", Path: "/slow/hasty", Function: "slow", Timeout: 50 * time.Millisecond, API: "Api"},
	} {
		if diff := cmp.Diff(want, byKey[key]); diff != "" {
			t.Errorf("route %s (-want +got):\n%s", key, diff)
		}
	}
}

func TestTemplate_Tables(t *testing.T) {
	tables := loadTestTemplate(t, nil).Tables()
	if len(tables) != 1 || tables[0].Name() != "things-test" || tables[0].TTLAttribute != "ttl" {
		t.Fatalf("got tables %+v, want only things-test with the TTL attribute ttl", tables)
	}
	key := func(name string, kind types.KeyType) types.KeySchemaElement {
		return types.KeySchemaElement{AttributeName: aws.String(name), KeyType: kind}
	}
	attribute := func(name string, kind types.ScalarAttributeType) types.AttributeDefinition {
		return types.AttributeDefinition{AttributeName: aws.String(name), AttributeType: kind}
	}
	want := &dynamodb.CreateTableInput{
		TableName:            aws.String("things-test"),
		BillingMode:          types.BillingModePayPerRequest,
		AttributeDefinitions: []types.AttributeDefinition{attribute("pk", "S"), attribute("sk", "S"), attribute("due", "N")},
		KeySchema:            []types.KeySchemaElement{key("pk", "HASH"), key("sk", "RANGE")},
		GlobalSecondaryIndexes: []types.GlobalSecondaryIndex{{
			IndexName:  aws.String("due"),
			KeySchema:  []types.KeySchemaElement{key("sk", "HASH"), key("due", "RANGE")},
			Projection: &types.Projection{ProjectionType: types.ProjectionTypeInclude, NonKeyAttributes: []string{"state"}},
		}},
		StreamSpecification: &types.StreamSpecification{StreamEnabled: aws.Bool(true), StreamViewType: types.StreamViewTypeNewAndOldImages},
	}
	exported := cmpopts.IgnoreUnexported(dynamodb.CreateTableInput{}, types.KeySchemaElement{}, types.AttributeDefinition{},
		types.GlobalSecondaryIndex{}, types.Projection{}, types.StreamSpecification{})
	if diff := cmp.Diff(want, tables[0].Create, exported); diff != "" {
		t.Errorf("CreateTable (-want +got):\n%s", diff)
	}
}

func TestTemplate_Queues(t *testing.T) {
	want := []Queue{
		{LogicalID: "Jobs", Name: "Jobs", Attributes: map[string]string{
			"VisibilityTimeout": "120",
			"RedrivePolicy":     `{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:jobs-dead","maxReceiveCount":5}`,
		}},
		{LogicalID: "JobsDead", Name: "jobs-dead", Attributes: map[string]string{"MessageRetentionPeriod": "1209600"}},
	}
	if diff := cmp.Diff(want, loadTestTemplate(t, nil).Queues()); diff != "" {
		t.Errorf("queues (-want +got):\n%s", diff)
	}
}

func TestTemplate_Sources(t *testing.T) {
	template := loadTestTemplate(t, map[string]string{"Batch": "7"})
	if s := template.QueueSources(); len(s) != 1 || s[0].Queue != "Jobs" || s[0].BatchSize != 7 || !s[0].ReportFailures || s[0].Function != "worker" {
		t.Errorf("got queue sources %+v, want only worker on Jobs, 7 a batch, reporting failures", s)
	}
	if s := template.StreamSources(); len(s) != 1 || s[0].Table != "things-test" || s[0].Start != "TRIM_HORIZON" || s[0].BatchSize != 20 || len(s[0].Filter) != 1 {
		t.Errorf("got stream sources %+v, want only things-test from TRIM_HORIZON, 20 a batch, one filter", s)
	}
	if s := template.Schedules(); len(s) != 1 || s[0].Name != "Tick" {
		t.Errorf("got schedules %+v, want only the enabled Tick", s)
	}
	live := loadTestTemplate(t, map[string]string{"Stage": "live"})
	if s := live.Schedules(); len(s) != 2 || s[1].Expression != "cron(15 3 * * ? *)" {
		t.Errorf("got live schedules %+v, want 2, the second cron(15 3 * * ? *)", s)
	}
	// A conditional resource exists only if its condition holds.
	if n, m := len(template.Resources()), len(live.Resources()); m != n+1 {
		t.Errorf("got %d resources when live, want %d", m, n+1)
	}
	properties, err := template.Properties("Jobs")
	if err != nil || properties["VisibilityTimeout"] != 120 {
		t.Errorf("got properties %v, %v; want VisibilityTimeout 120", properties, err)
	}
}

func TestTemplate_Errors(t *testing.T) {
	for name, test := range map[string]struct{ template, want string }{
		"unknown reference": {
			"Resources:\n  T:\n    Type: AWS::DynamoDB::Table\n    Properties:\n      TableName: !Ref Nothing",
			`T.TableName (line 5): Ref: there is no parameter or resource "Nothing"`,
		},
		"wrong type": {
			"Resources:\n  F:\n    Type: AWS::Serverless::Function\n    Properties:\n      CodeUri: f/\n      Timeout: long",
			"F.Timeout (line 6): cannot unmarshal !!str `long` into int",
		},
		"no value": {
			"Parameters:\n  P: {Type: String}\nResources:\n  T:\n    Type: AWS::DynamoDB::Table\n    Properties: {TableName: !Ref P}",
			"T.TableName (line 6): parameter P has no default and was given no value",
		},
		"circle": {
			"Resources:\n  A:\n    Type: AWS::SQS::Queue\n    Properties: {QueueName: !GetAtt A.QueueName}",
			"A.QueueName (line 4): it refers to itself",
		},
		"unsupported intrinsic": {
			"Resources:\n  A:\n    Type: AWS::SQS::Queue\n    Properties: {QueueName: !ImportValue x}",
			"A.QueueName (line 4): the intrinsic function ImportValue is not supported",
		},
		"foreign queue": {
			"Resources:\n  F:\n    Type: AWS::Serverless::Function\n    Properties:\n      CodeUri: f\n      Events: {E: {Type: SQS, Properties: {Queue: 'arn:aws:sqs:eu-west-1:1:q'}}}",
			"F.Events.E.Queue (line 6): it is not the Arn of a queue of this template",
		},
		"bad schedule": {
			"Resources:\n  F:\n    Type: AWS::Serverless::Function\n    Properties:\n      CodeUri: f\n      Events: {E: {Type: Schedule, Properties: {Schedule: rate(1 minutes)}}}",
			`F.Events.E (line 6): schedule expression "rate(1 minutes)"`,
		},
		"same folder": {
			"Resources:\n  F: {Type: AWS::Serverless::Function, Properties: {CodeUri: a/f}}\n  G: {Type: AWS::Serverless::Function, Properties: {CodeUri: b/f}}",
			`F and G have the same folder name "f"`,
		},
		"same route": {
			"Resources:\n  F: {Type: AWS::Serverless::Function, Properties: {CodeUri: f, Events: {E: {Type: Api, Properties: {Path: /, Method: get}}, G: {Type: Api, Properties: {Path: /, Method: GET}}}}}",
			"F.Events.G.Path (line 2): F.Events.E.Path (line 2) has the route GET / already",
		},
		"no type": {"Resources:\n  F: {}", "F (line 2): the resource has no Type"},
	} {
		_, err := parse([]byte(test.template), nil, "", nil)
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got error\n%v, want\n%s", name, err, test.want)
		}
	}
}
