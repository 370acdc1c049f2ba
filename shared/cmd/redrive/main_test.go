package main

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/rogpeppe/go-internal/testscript"

	"github.com/quintet-agents/quintet/shared/boot"
	"github.com/quintet-agents/quintet/shared/dynamo/dynamotest"
)

// engine runs the tests with an engine, in the process that is not the command.
type engine struct{ *testing.M }

func (e engine) Run() int { return dynamotest.Run(e.M) }

func TestMain(m *testing.M) { testscript.Main(engine{m}, map[string]func(){"redrive": main}) }

func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata", RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			for name, value := range map[string]string{
				"AWS_ENDPOINT_URL": dynamotest.Endpoint(), "AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test",
			} {
				env.Setenv(name, value)
			}
			url, err := makeQueues(t, fmt.Sprintf("Work-%d", os.Getpid()))
			env.Setenv("QUEUE", url)
			return err
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			// dies VAR BODY: a worker gets a message and does not delete it. The
			// variable is its id.
			"dies": func(ts *testscript.TestScript, _ bool, args []string) {
				url := ts.Getenv("QUEUE")
				sent, err := client().SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: &url, MessageBody: &args[1]})
				ts.Check(err)
				ts.Setenv(args[0], *sent.MessageId)
				for range 2 { // the second time it is not there any more
					_, err = client().ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: &url})
					ts.Check(err)
				}
			},
			// works BODY...: a worker gets these messages, and no others.
			"works": func(ts *testscript.TestScript, _ bool, args []string) {
				url := ts.Getenv("QUEUE")
				out, err := client().ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: &url, MaxNumberOfMessages: 10})
				ts.Check(err)
				var got []string
				for _, m := range out.Messages {
					got = append(got, *m.Body)
					_, err := client().DeleteMessage(t.Context(), &sqs.DeleteMessageInput{QueueUrl: &url, ReceiptHandle: m.ReceiptHandle})
					ts.Check(err)
				}
				if strings.Join(got, "\n") != strings.Join(args, "\n") {
					ts.Fatalf("the worker got %q", got)
				}
			},
		},
	})
}

func client() *sqs.Client {
	return sqs.NewFromConfig(boot.NewDeps(boot.Config{Region: "us-east-1", AccessKeyID: "test", SecretAccessKey: "test"}).AWS("sqs", dynamotest.Endpoint()))
}

// makeQueues makes a queue whose messages die with the first failure.
func makeQueues(t *testing.T, name string) (url string, err error) {
	t.Helper()
	if _, err := client().CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: aws.String(name + "-dead")}); err != nil {
		return "", err
	}
	out, err := client().CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: &name, Attributes: map[string]string{
		"RedrivePolicy": `{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:` + name + `-dead","maxReceiveCount":1}`, "VisibilityTimeout": "0",
	}})
	if err != nil {
		return "", err
	}
	return *out.QueueUrl, nil
}
