package queue

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// Dead is a dead-letter queue.
type Dead struct {
	client *sqs.Client
	url    string
	origin string // URL of the source queue
}

// Letter is a message of a dead-letter queue.
type Letter struct {
	ID       string
	Body     string
	SentAt   time.Time // to the source queue
	Received int       // number of receives, by workers and by this package

	handle *string
	group  *string // message group, the org; nil: none
}

const (
	// held is the visibility timeout of received letters. giveBack ends it early, unless the
	// process dies.
	held = 5 * time.Minute

	// listen is the wait of the last receive, in seconds. Short polling could miss
	// messages on SQS servers that it does not query.
	listen = 1
)

// DeadOf finds the dead-letter queue of a queue, given by name or URL.
func DeadOf(ctx context.Context, client *sqs.Client, name string) (*Dead, error) {
	origin, err := urlOf(ctx, client, name)
	if err != nil {
		return nil, err
	}
	out, err := client.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{
		QueueUrl: &origin, AttributeNames: []types.QueueAttributeName{types.QueueAttributeNameRedrivePolicy},
	})
	if err != nil {
		return nil, err
	}
	text, ok := out.Attributes[string(types.QueueAttributeNameRedrivePolicy)]
	if !ok {
		return nil, fmt.Errorf("the queue %s has no dead letters: name the one that they came from", name)
	}
	var policy struct {
		Target string `json:"deadLetterTargetArn"`
	}
	if err := json.Unmarshal([]byte(text), &policy); err != nil {
		return nil, err
	}
	url, err := urlOf(ctx, client, policy.Target[strings.LastIndex(policy.Target, ":")+1:])
	return &Dead{client, url, origin}, err
}

// urlOf returns a queue's URL by its name, or by the last part of a URL.
func urlOf(ctx context.Context, client *sqs.Client, name string) (string, error) {
	out, err := client.GetQueueUrl(ctx, &sqs.GetQueueUrlInput{QueueName: aws.String(path.Base(name))})
	if err != nil {
		return "", fmt.Errorf("find the queue %s: %w", name, err)
	}
	return *out.QueueUrl, nil
}

// List returns the letters, oldest first.
func (d *Dead) List(ctx context.Context) ([]Letter, error) {
	letters, err := d.take(ctx)
	return letters, errors.Join(err, d.giveBack(ctx, letters))
}

// Move sends the selected letters back to their source queue and returns their number. SQS's
// own redrive task cannot select messages, and local AWS emulators lack it.
func (d *Dead) Move(ctx context.Context, wanted func(Letter) bool) (moved int, err error) {
	letters, err := d.take(ctx)
	if err != nil {
		return 0, errors.Join(err, d.giveBack(ctx, letters))
	}
	var those, rest []Letter
	for _, l := range letters {
		if wanted(l) {
			those = append(those, l)
		} else {
			rest = append(rest, l)
		}
	}
	for some := range slices.Chunk(those, batch) {
		if err = d.move(ctx, some); err != nil {
			break
		}
		moved += len(some)
	}
	return moved, errors.Join(err, d.giveBack(ctx, append(rest, those[moved:]...)))
}

// move sends letters before it deletes them. After a failure a letter may be in both queues,
// which is harmless because a message only names a row of the table; no letter is lost.
func (d *Dead) move(ctx context.Context, letters []Letter) error {
	var sent []types.SendMessageBatchRequestEntry
	var done []types.DeleteMessageBatchRequestEntry
	for i, l := range letters {
		id := aws.String(strconv.Itoa(i))
		sent = append(sent, types.SendMessageBatchRequestEntry{Id: id, MessageBody: aws.String(l.Body), MessageGroupId: l.group})
		done = append(done, types.DeleteMessageBatchRequestEntry{Id: id, ReceiptHandle: l.handle})
	}
	if err := sendBatch(ctx, d.client, d.origin, sent); err != nil {
		return err
	}
	out, err := d.client.DeleteMessageBatch(ctx, &sqs.DeleteMessageBatchInput{QueueUrl: &d.url, Entries: done})
	if err == nil && len(out.Failed) > 0 {
		err = fmt.Errorf("%d messages were sent and are still here: %s", len(out.Failed), aws.ToString(out.Failed[0].Message))
	}
	return err
}

// take receives all visible letters. It ends even if letters become visible again meanwhile.
func (d *Dead) take(ctx context.Context) ([]Letter, error) {
	taken := map[string]Letter{}
	for {
		out, err := d.client.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{
			QueueUrl: &d.url, MaxNumberOfMessages: batch, WaitTimeSeconds: listen, VisibilityTimeout: int32(held.Seconds()),
			MessageSystemAttributeNames: []types.MessageSystemAttributeName{types.MessageSystemAttributeNameAll},
		})
		before := len(taken)
		if err == nil {
			for _, m := range out.Messages {
				taken[*m.MessageId] = letterOf(m)
			}
		}
		if err != nil || len(taken) == before {
			return oldestFirst(taken), err
		}
	}
}

func letterOf(m types.Message) Letter {
	l := Letter{ID: *m.MessageId, Body: aws.ToString(m.Body), handle: m.ReceiptHandle}
	if group, ok := m.Attributes["MessageGroupId"]; ok {
		l.group = &group
	}
	if ms, err := strconv.ParseInt(m.Attributes["SentTimestamp"], 10, 64); err == nil {
		l.SentAt = time.UnixMilli(ms)
	}
	if n, err := strconv.Atoi(m.Attributes["ApproximateReceiveCount"]); err == nil {
		l.Received = n
	}
	return l
}

func oldestFirst(taken map[string]Letter) []Letter {
	return slices.SortedFunc(maps.Values(taken), func(a, b Letter) int {
		return cmp.Or(a.SentAt.Compare(b.SentAt), strings.Compare(a.ID, b.ID))
	})
}

// giveBack makes the letters visible again. If that fails, their visibility timeout does it.
func (d *Dead) giveBack(ctx context.Context, letters []Letter) error {
	ctx = context.WithoutCancel(ctx) // also after an interrupt
	for some := range slices.Chunk(letters, batch) {
		in := &sqs.ChangeMessageVisibilityBatchInput{QueueUrl: &d.url}
		for i, l := range some {
			in.Entries = append(in.Entries, types.ChangeMessageVisibilityBatchRequestEntry{Id: aws.String(strconv.Itoa(i)), ReceiptHandle: l.handle})
		}
		if _, err := d.client.ChangeMessageVisibilityBatch(ctx, in); err != nil {
			return err
		}
	}
	return nil
}
