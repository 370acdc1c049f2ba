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

// engine starts a local AWS for the tests, except in processes that run the command.
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
			// dies VAR BODY: a worker receives a message and does not delete it. VAR is
			// set to the message's id.
			"dies": func(ts *testscript.TestScript, _ bool, args []string) {
				url := ts.Getenv("QUEUE")
				sent, err := client().SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: &url, MessageBody: &args[1]})
				ts.Check(err)
				ts.Setenv(args[0], *sent.MessageId)
				for range 2 { // the second receive moves it to the dead-letter queue
					_, err = client().ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: &url})
					ts.Check(err)
				}
			},
			// works BODY...: a worker receives exactly these messages.
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
					ts.Fatalf("got arguments %q, want %q", got, args)
				}
			},
		},
	})
}

func client() *sqs.Client {
	return sqs.NewFromConfig(boot.NewDeps(boot.Config{Region: "us-east-1", AccessKeyID: "test", SecretAccessKey: "test"}).AWS("sqs", dynamotest.Endpoint()))
}

// makeQueues creates a queue whose messages are dead after one failure.
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
