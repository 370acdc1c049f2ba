package source

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/quintet-agents/quintet/shared/local/arn"
	"github.com/quintet-agents/quintet/shared/local/logs"
	"github.com/quintet-agents/quintet/shared/local/sam"
)

const (
	// receiveWait is short, because the runner waits for the end of a poll before
	// it exits. A local AWS may not notice a client's disconnect, and would lose
	// the next message.
	receiveWait    = time.Second
	receiveTimeout = 10 * time.Second

	// mostHeld is the number of messages that a poller reads ahead.
	mostHeld = 10_000

	// heldPause is the interval at which a poller receives more messages while all
	// held ones belong to groups that have their share. It is the interval of a local
	// AWS's long poll.
	heldPause = 100 * time.Millisecond
)

// queueAPI has the calls of SQS that a poller needs.
type queueAPI interface {
	ReceiveMessage(context.Context, *sqs.ReceiveMessageInput, ...func(*sqs.Options)) (*sqs.ReceiveMessageOutput, error)
	DeleteMessageBatch(context.Context, *sqs.DeleteMessageBatchInput, ...func(*sqs.Options)) (*sqs.DeleteMessageBatchOutput, error)
	ChangeMessageVisibilityBatch(context.Context, *sqs.ChangeMessageVisibilityBatchInput, ...func(*sqs.Options)) (*sqs.ChangeMessageVisibilityBatchOutput, error)
}

// QueuePoller invokes a function for the messages of a queue.
type QueuePoller struct {
	sam.QueueSource
	url    string
	api    queueAPI
	invoke invoker
	log    *logs.Logger
	hidden time.Duration // the queue's visibility timeout
	fair   *fairness
	kept   time.Time // when the held messages were last kept hidden
	dry    time.Time // when the queue was last empty
}

// NewQueuePoller returns a poller of the queue at url; hidden is its visibility timeout.
func NewQueuePoller(source sam.QueueSource, url string, hidden time.Duration, api queueAPI, invoke invoker, log *logs.Logger) *QueuePoller {
	return &QueuePoller{QueueSource: source, url: url, hidden: hidden, api: api, invoke: invoke, log: log}
}

// Run polls until ctx ends. One loop receives, and the batches run concurrently.
func (p *QueuePoller) Run(ctx context.Context) {
	var batches sync.WaitGroup
	p.fair = newFairness()
	defer func() {
		batches.Wait()
		p.release(ctx, p.fair.rest())
	}()
	slots := make(chan struct{}, p.Concurrency)
	for ctx.Err() == nil {
		select {
		case slots <- struct{}{}:
		case <-ctx.Done():
			return
		}
		messages := p.next(ctx)
		if len(messages) == 0 {
			<-slots
			continue
		}
		batches.Go(func() {
			defer func() { <-slots }()
			err := p.handle(ctx, messages)
			p.fair.done(messages)
			switch {
			case err == nil:
			case ctx.Err() != nil:
				p.release(ctx, messages)
			default:
				p.log.Printf("%s: a batch of queue %s failed: %v", p.Function, p.Queue, err)
			}
		})
	}
}

// next returns the messages of the next batch, or none. It receives more messages if all
// held ones belong to groups that have their share.
func (p *QueuePoller) next(ctx context.Context) []types.Message {
	if batch := p.fair.next(p.BatchSize); len(batch) > 0 {
		return batch
	}
	p.keep(ctx)
	held := p.fair.waiting()
	if again := heldPause - time.Since(p.dry); held > 0 && again > 0 || held >= mostHeld {
		p.fair.wait(ctx, max(again, heldPause/10))
		return nil
	}
	wait := receiveWait
	if held > 0 {
		wait = 0 // a held message may become eligible at any time
	}
	messages, err := p.receive(ctx, wait)
	if err != nil {
		p.log.Printf("receive from queue %s: %v", p.Queue, err)
		sleep(ctx, time.Second)
	}
	if len(messages) == 0 {
		p.dry = time.Now()
	}
	p.fair.hold(messages)
	return p.fair.next(p.BatchSize)
}

func (p *QueuePoller) receive(ctx context.Context, wait time.Duration) ([]types.Message, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), receiveTimeout)
	defer cancel()
	out, err := p.api.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{
		QueueUrl:                    aws.String(p.url),
		MaxNumberOfMessages:         sam.MaxReceive,
		WaitTimeSeconds:             int32(wait.Seconds()),
		MessageAttributeNames:       []string{"All"},
		MessageSystemAttributeNames: []types.MessageSystemAttributeName{types.MessageSystemAttributeNameAll},
	})
	if err != nil {
		return nil, err
	}
	return out.Messages, nil
}

// keep extends the visibility timeout of the held messages well before it ends.
func (p *QueuePoller) keep(ctx context.Context) {
	if time.Since(p.kept) < p.hidden/3 {
		return
	}
	p.kept = time.Now()
	p.hide(ctx, p.fair.all(), p.hidden)
}

// release makes messages visible again that were interrupted by the end of the runner, so
// that the next run receives them at once.
func (p *QueuePoller) release(ctx context.Context, messages []types.Message) {
	p.hide(ctx, messages, 0)
}

// hide changes the visibility timeout of messages.
func (p *QueuePoller) hide(ctx context.Context, messages []types.Message, long time.Duration) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), receiveTimeout)
	defer cancel()
	for some := range slices.Chunk(messages, sam.MaxReceive) {
		in := &sqs.ChangeMessageVisibilityBatchInput{QueueUrl: aws.String(p.url), Entries: changes(some, int32(long.Seconds()))}
		if _, err := p.api.ChangeMessageVisibilityBatch(ctx, in); err != nil {
			p.log.Printf("change how long messages of queue %s are hidden: %v", p.Queue, err)
			return
		}
	}
}

// handle runs one batch and deletes the messages that succeeded. Failed messages are
// redelivered after their visibility timeout.
func (p *QueuePoller) handle(ctx context.Context, messages []types.Message) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	batch, done := p.sift(messages)
	var failure error
	if len(batch) > 0 {
		var failed map[string]bool
		if failed, failure = p.deliver(ctx, batch); failure == nil {
			for _, m := range batch {
				if !failed[aws.ToString(m.MessageId)] {
					done = append(done, m)
				}
			}
		}
	}
	if len(done) > 0 {
		if err := p.delete(ctx, done); err != nil {
			return err
		}
	}
	return failure
}

// sift separates the messages that pass the filter from the rest. Lambda deletes the rest
// without invoking the function.
func (p *QueuePoller) sift(messages []types.Message) (pass, rest []types.Message) {
	for _, m := range messages {
		record, _ := json.Marshal(map[string]any{"body": jsonOrText(aws.ToString(m.Body))})
		if p.Filter.Matches(record) {
			pass = append(pass, m)
		} else {
			rest = append(rest, m)
		}
	}
	return pass, rest
}

func jsonOrText(body string) any {
	if json.Valid([]byte(body)) {
		return json.RawMessage(body)
	}
	return body
}

// deliver returns the ids of the messages that failed.
func (p *QueuePoller) deliver(ctx context.Context, messages []types.Message) (map[string]bool, error) {
	event := events.SQSEvent{}
	known := map[string]bool{}
	for _, m := range messages {
		event.Records = append(event.Records, p.record(m))
		known[aws.ToString(m.MessageId)] = true
	}
	payload, err := json.Marshal(event)
	if err != nil {
		return nil, fmt.Errorf("encode the event: %w", err)
	}
	answer, err := p.invoke(ctx, p.Function, payload)
	if err != nil || !p.ReportFailures {
		return nil, err
	}
	return failedItems(answer, known)
}

func (p *QueuePoller) record(m types.Message) events.SQSMessage {
	r := events.SQSMessage{
		MessageId:              aws.ToString(m.MessageId),
		ReceiptHandle:          aws.ToString(m.ReceiptHandle),
		Body:                   aws.ToString(m.Body),
		Md5OfBody:              aws.ToString(m.MD5OfBody),
		Md5OfMessageAttributes: aws.ToString(m.MD5OfMessageAttributes),
		Attributes:             m.Attributes,
		MessageAttributes:      map[string]events.SQSMessageAttribute{},
		EventSource:            "aws:sqs",
		EventSourceARN:         p.ARN,
		AWSRegion:              arn.Region,
	}
	for name, a := range m.MessageAttributes {
		r.MessageAttributes[name] = events.SQSMessageAttribute{
			StringValue:      a.StringValue,
			BinaryValue:      a.BinaryValue,
			StringListValues: a.StringListValues,
			BinaryListValues: a.BinaryListValues,
			DataType:         aws.ToString(a.DataType),
		}
	}
	return r
}

func (p *QueuePoller) delete(ctx context.Context, messages []types.Message) error {
	in := &sqs.DeleteMessageBatchInput{QueueUrl: aws.String(p.url)}
	for _, m := range messages {
		in.Entries = append(in.Entries, types.DeleteMessageBatchRequestEntry{Id: m.MessageId, ReceiptHandle: m.ReceiptHandle})
	}
	// The work is done, so delete the messages even if the runner is ending.
	out, err := p.api.DeleteMessageBatch(context.WithoutCancel(ctx), in)
	if err != nil {
		return fmt.Errorf("delete the handled messages: %w", err)
	}
	if len(out.Failed) > 0 {
		return fmt.Errorf("delete the handled messages: %d were refused: %s", len(out.Failed), aws.ToString(out.Failed[0].Message))
	}
	return nil
}
