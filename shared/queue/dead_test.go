package queue_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/google/go-cmp/cmp"

	"github.com/quintet-agents/quintet/shared/awshttp"
	"github.com/quintet-agents/quintet/shared/delivery"
	"github.com/quintet-agents/quintet/shared/dynamo/dynamotest"
	"github.com/quintet-agents/quintet/shared/queue"
	"github.com/quintet-agents/quintet/shared/work"
)

func TestMain(m *testing.M) { dynamotest.Main(m) }

// breaking fails one call of an operation, before or after its effect.
type breaking struct {
	operation string
	done      bool
}

func (b *breaking) RoundTrip(r *http.Request) (*http.Response, error) {
	if !strings.HasSuffix(r.Header.Get("X-Amz-Target"), "."+b.operation) {
		return http.DefaultTransport.RoundTrip(r)
	}
	b.operation = ""
	if b.done {
		if res, err := http.DefaultTransport.RoundTrip(r); err == nil {
			_ = res.Body.Close()
		}
	}
	return nil, errors.New("broken off")
}

func client(b *breaking) *sqs.Client {
	return sqs.New(sqs.Options{
		Region: "us-east-1", BaseEndpoint: aws.String(dynamotest.Endpoint()), RetryMaxAttempts: 1, HTTPClient: awshttp.PlainBodies(&http.Client{Transport: b}),
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "test", SecretAccessKey: "test"}, nil
		}),
	})
}

// After a failure at any point every message is in one of the queues, and another Move moves
// the rest.
func TestMove_FailureLosesNothing(t *testing.T) {
	var want []string
	for i := range 25 {
		want = append(want, fmt.Sprintf("body %02d", i))
	}
	for i, c := range []struct {
		breaks breaking
		came   int // received in all
	}{
		{breaking{}, 25},
		{breaking{"SendMessageBatch", false}, 25},
		{breaking{"SendMessageBatch", true}, 35},
		{breaking{"DeleteMessageBatch", false}, 35},
		{breaking{"DeleteMessageBatch", true}, 25},
	} {
		t.Run(fmt.Sprintf("%s, done: %t", c.breaks.operation, c.breaks.done), func(t *testing.T) {
			t.Parallel()
			calm := client(&breaking{})
			work, graves := makeQueues(t, calm, fmt.Sprintf("Moved%d", i))
			for _, body := range want {
				if _, err := calm.SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: &graves, MessageBody: &body}); err != nil {
					t.Fatal(err)
				}
			}
			dead, err := queue.DeadOf(t.Context(), client(&c.breaks), work)
			if err != nil {
				t.Fatal(err)
			}
			breaks, all := c.breaks.operation != "", func(queue.Letter) bool { return true }
			if _, err := dead.Move(t.Context(), all); (err != nil) != breaks {
				t.Fatalf("got error %v, want one: %t", err, breaks)
			}
			if breaks {
				if _, err := dead.Move(t.Context(), all); err != nil {
					t.Fatal(err)
				}
			}
			if left, err := dead.List(t.Context()); err != nil || len(left) != 0 {
				t.Errorf("got %d messages left, error %v, want none", len(left), err)
			}
			came := receive(t, calm, work)
			if len(came) != c.came {
				t.Errorf("got %d messages, want %d", len(came), c.came)
			}
			slices.Sort(came)
			if d := cmp.Diff(want, slices.Compact(came)); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

// A message keeps its org as group when sent alone, in a batch, or moved back from the
// dead-letter queue.
func TestMessages_GroupIsOrg(t *testing.T) {
	t.Parallel()
	c := client(&breaking{})
	jobs, _ := makeQueues(t, c, "Grouped-"+delivery.NewID())
	to := queue.New(func() *sqs.Client { return c }, jobs)
	ref := func(org string) work.Message {
		return work.Message{Body: delivery.Ref{OrgID: org, Target: delivery.Callbacks, ID: delivery.NewID()}}
	}
	if err := errors.Join(to.Send(t.Context(), ref("one")), to.Send(t.Context(), ref("one"), ref("two"))); err != nil {
		t.Fatal(err)
	}
	want := []string{"one", "one", "two"}
	if d := cmp.Diff(want, groups(t, c, jobs)); d != "" {
		t.Errorf("sent (-want +got):\n%s", d)
	}
	// The messages are not deleted: a later receive moves them to the dead-letter queue.
	groups(t, c, jobs)
	dead, err := queue.DeadOf(t.Context(), c, jobs)
	if err != nil {
		t.Fatal(err)
	}
	if moved, err := dead.Move(t.Context(), func(queue.Letter) bool { return true }); err != nil || moved != len(want) {
		t.Fatalf("got %d moved, %v; want %d", moved, err, len(want))
	}
	if d := cmp.Diff(want, groups(t, c, jobs)); d != "" {
		t.Errorf("moved (-want +got):\n%s", d)
	}
}

// groups receives all visible messages, makes them visible again and returns their groups.
func groups(t *testing.T, c *sqs.Client, url string) (orgs []string) {
	t.Helper()
	out, err := c.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{
		QueueUrl: &url, MaxNumberOfMessages: 10, VisibilityTimeout: 0,
		MessageSystemAttributeNames: []types.MessageSystemAttributeName{types.MessageSystemAttributeNameAll},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range out.Messages {
		orgs = append(orgs, m.Attributes["MessageGroupId"])
		if _, err := c.ChangeMessageVisibility(t.Context(), &sqs.ChangeMessageVisibilityInput{QueueUrl: &url, ReceiptHandle: m.ReceiptHandle}); err != nil {
			t.Fatal(err)
		}
	}
	slices.Sort(orgs) // a standard queue has no order
	return orgs
}

// makeQueues creates a queue with a dead-letter queue.
func makeQueues(t *testing.T, c *sqs.Client, name string) (work, dead string) {
	t.Helper()
	graves, err := c.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: aws.String(name + "-dead")})
	if err != nil {
		t.Fatal(err)
	}
	out, err := c.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: &name, Attributes: map[string]string{
		"RedrivePolicy": `{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:` + name + `-dead","maxReceiveCount":1}`,
	}})
	if err != nil {
		t.Fatal(err)
	}
	return *out.QueueUrl, *graves.QueueUrl
}

// receive returns the bodies of all messages of a queue.
func receive(t *testing.T, c *sqs.Client, url string) (bodies []string) {
	t.Helper()
	for {
		out, err := c.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: &url, MaxNumberOfMessages: 10})
		if err != nil {
			t.Fatal(err)
		}
		if len(out.Messages) == 0 {
			return bodies
		}
		for _, m := range out.Messages {
			bodies = append(bodies, *m.Body)
		}
	}
}
