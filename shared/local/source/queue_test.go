package source

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/google/go-cmp/cmp"

	"github.com/quintet-agents/quintet/shared/local/filter"
	"github.com/quintet-agents/quintet/shared/local/logs"
	"github.com/quintet-agents/quintet/shared/local/sam"
)

// fakeQueue delivers its messages once and then calls dry.
type fakeQueue struct {
	mu       sync.Mutex
	messages []types.Message
	deleted  []string
	released []string
	dry      func()
}

func (q *fakeQueue) ReceiveMessage(_ context.Context, in *sqs.ReceiveMessageInput, _ ...func(*sqs.Options)) (*sqs.ReceiveMessageOutput, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	n := min(len(q.messages), int(in.MaxNumberOfMessages))
	batch := q.messages[:n]
	q.messages = q.messages[n:]
	if n == 0 {
		q.dry()
	}
	return &sqs.ReceiveMessageOutput{Messages: batch}, nil
}

func (q *fakeQueue) DeleteMessageBatch(_ context.Context, in *sqs.DeleteMessageBatchInput, _ ...func(*sqs.Options)) (*sqs.DeleteMessageBatchOutput, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, e := range in.Entries {
		q.deleted = append(q.deleted, aws.ToString(e.ReceiptHandle))
	}
	return &sqs.DeleteMessageBatchOutput{}, nil
}

func (q *fakeQueue) ChangeMessageVisibilityBatch(_ context.Context, in *sqs.ChangeMessageVisibilityBatchInput, _ ...func(*sqs.Options)) (*sqs.ChangeMessageVisibilityBatchOutput, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, e := range in.Entries {
		if e.VisibilityTimeout == 0 {
			q.released = append(q.released, aws.ToString(e.ReceiptHandle))
		}
	}
	return &sqs.ChangeMessageVisibilityBatchOutput{}, nil
}

func messages(bodies ...string) []types.Message {
	var list []types.Message
	for i, body := range bodies {
		list = append(list, types.Message{
			MessageId:     aws.String(fmt.Sprintf("m%d", i+1)),
			ReceiptHandle: aws.String(fmt.Sprintf("r%d", i+1)),
			Body:          aws.String(body),
			Attributes:    map[string]string{"ApproximateReceiveCount": "1"},
			MessageAttributes: map[string]types.MessageAttributeValue{
				"kind": {DataType: aws.String("String"), StringValue: aws.String("k")},
			},
		})
	}
	return list
}

func TestQueuePoller_Outcomes(t *testing.T) {
	boom := errors.New("boom")
	for name, test := range map[string]struct {
		report   bool
		patterns []string
		answer   string
		err      error
		deleted  []string
		batches  []string // the bodies of each batch
	}{
		"success":           {deleted: []string{"r1", "r2", "r3"}, batches: []string{"[a b]", "[{\"c\":1}]"}},
		"failure":           {err: boom, batches: []string{"[a b]", "[{\"c\":1}]"}},
		"partial failure":   {report: true, answer: `{"batchItemFailures":[{"itemIdentifier":"m1"}]}`, deleted: []string{"r2"}, batches: []string{"[a b]", "[{\"c\":1}]"}},
		"not asked for":     {answer: `{"batchItemFailures":[{"itemIdentifier":"m1"}]}`, deleted: []string{"r1", "r2", "r3"}, batches: []string{"[a b]", "[{\"c\":1}]"}},
		"empty report":      {report: true, answer: `{"batchItemFailures":[]}`, deleted: []string{"r1", "r2", "r3"}, batches: []string{"[a b]", "[{\"c\":1}]"}},
		"no report":         {report: true, answer: `null`, deleted: []string{"r1", "r2", "r3"}, batches: []string{"[a b]", "[{\"c\":1}]"}},
		"nonsense":          {report: true, answer: `[]`, batches: []string{"[a b]", "[{\"c\":1}]"}},
		"filtered by field": {patterns: []string{`{"body":{"c":[1]}}`}, deleted: []string{"r1", "r2", "r3"}, batches: []string{"[{\"c\":1}]"}},
	} {
		t.Run(name, func(t *testing.T) {
			filter, err := filter.Parse(test.patterns)
			if err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithCancel(t.Context())
			var batches []string
			queue := &fakeQueue{messages: messages("a", "b", `{"c":1}`)}
			// With one batch at a time, the queue is empty when all messages are handled.
			queue.dry = cancel
			p := &QueuePoller{
				QueueSource: sam.QueueSource{Function: "f", Queue: "q", ARN: "arn:q", BatchSize: 2, Concurrency: 1, ReportFailures: test.report, Filter: filter},
				api:         queue,
				log:         logs.New(nil),
				invoke: func(_ context.Context, function string, payload []byte) ([]byte, error) {
					var event events.SQSEvent
					if err := json.Unmarshal(payload, &event); err != nil || function != "f" {
						t.Errorf("%s: got %s (%v), want JSON for f", function, payload, err)
					}
					var bodies []string
					for _, r := range event.Records {
						bodies = append(bodies, r.Body)
						if r.EventSourceARN != "arn:q" || r.Attributes["ApproximateReceiveCount"] != "1" || aws.ToString(r.MessageAttributes["kind"].StringValue) != "k" {
							t.Errorf("got record %+v, want queue arn:q, the first receive and attribute kind k", r)
						}
					}
					batches = append(batches, fmt.Sprint(bodies))
					return []byte(test.answer), test.err
				},
			}
			p.Run(ctx)
			slices.Sort(queue.deleted)
			if diff := cmp.Diff(test.deleted, queue.deleted); diff != "" {
				t.Errorf("deleted (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(test.batches, batches); diff != "" {
				t.Errorf("batches (-want +got):\n%s", diff)
			}
			if len(queue.released) > 0 {
				t.Errorf("got %v released, want none", queue.released)
			}
		})
	}
}

func TestQueuePoller_ReleasesUnhandled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	queue := &fakeQueue{messages: messages("a", "b"), dry: cancel}
	p := &QueuePoller{
		QueueSource: sam.QueueSource{BatchSize: 10, Concurrency: 1},
		api:         queue,
		log:         logs.New(nil),
		invoke: func(context.Context, string, []byte) ([]byte, error) {
			cancel() // close the runner while the function is running
			return nil, context.Canceled
		},
	}
	p.Run(ctx)
	if want := []string{"r1", "r2"}; !slices.Equal(queue.released, want) || len(queue.deleted) > 0 {
		t.Errorf("got %v released and %v deleted, want %v released and none deleted", queue.released, queue.deleted, want)
	}
}
