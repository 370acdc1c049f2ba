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
	// receiveWait is short, because the runner waits for a poll to end before
	// it ends itself. A local AWS may not notice that a client has left, and
	// would hand the next message to nobody.
	receiveWait    = time.Second
	receiveTimeout = 10 * time.Second

	// mostHeld is how many messages a poller reads ahead.
	mostHeld = 10_000

	// heldPause is how often a poller looks for more whose messages all belong to
	// groups that have their share: as often as a local AWS looks in a long poll.
	heldPause = 100 * time.Millisecond
)

// queueAPI is what a queue's poller needs of SQS.
type queueAPI interface {
	ReceiveMessage(context.Context, *sqs.ReceiveMessageInput, ...func(*sqs.Options)) (*sqs.ReceiveMessageOutput, error)
	DeleteMessageBatch(context.Context, *sqs.DeleteMessageBatchInput, ...func(*sqs.Options)) (*sqs.DeleteMessageBatchOutput, error)
	ChangeMessageVisibilityBatch(context.Context, *sqs.ChangeMessageVisibilityBatchInput, ...func(*sqs.Options)) (*sqs.ChangeMessageVisibilityBatchOutput, error)
}

// QueuePoller feeds a function from a queue.
type QueuePoller struct {
	sam.QueueSource
	url    string
	api    queueAPI
	invoke invoker
	log    *logs.Logger
	hidden time.Duration // how long a message is hidden that was received
	fair   *fairness
	kept   time.Time // when the messages that are held were kept last
	dry    time.Time // when the queue had no more
}

// NewQueuePoller returns a poller of the queue at url, whose received messages
// are hidden for so long.
func NewQueuePoller(source sam.QueueSource, url string, hidden time.Duration, api queueAPI, invoke invoker, log *logs.Logger) *QueuePoller {
	return &QueuePoller{QueueSource: source, url: url, hidden: hidden, api: api, invoke: invoke, log: log}
}

// Run polls until ctx ends. One loop receives; the batches run side by side.
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

// next returns the messages of the next batch, none when there are none yet. It
// receives more where all that it holds belong to groups that have their share.
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
		wait = 0 // they may be handed out at any time
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

// keep keeps the messages that are held hidden from everybody else, long before
// they would show themselves again.
func (p *QueuePoller) keep(ctx context.Context) {
	if time.Since(p.kept) < p.hidden/3 {
		return
	}
	p.kept = time.Now()
	p.hide(ctx, p.fair.all(), p.hidden)
}

// release gives messages back that the end of the runner has cut off, so that
// the next run gets them at once.
func (p *QueuePoller) release(ctx context.Context, messages []types.Message) {
	p.hide(ctx, messages, 0)
}

// hide changes for how long messages are hidden.
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

// handle runs one batch and deletes what succeeded. What failed comes back
// when its visibility timeout is over.
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

// sift separates the messages that the filter lets pass from the rest, which
// Lambda deletes unseen.
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
	// The work is done, so it is worth recording even when the runner is ending.
	out, err := p.api.DeleteMessageBatch(context.WithoutCancel(ctx), in)
	if err != nil {
		return fmt.Errorf("delete the handled messages: %w", err)
	}
	if len(out.Failed) > 0 {
		return fmt.Errorf("delete the handled messages: %d were refused: %s", len(out.Failed), aws.ToString(out.Failed[0].Message))
	}
	return nil
}
