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

// Dead is where the messages of a queue end that no worker could handle.
type Dead struct {
	client *sqs.Client
	url    string
	origin string // the URL of the queue that they came from
}

// Letter is such a message.
type Letter struct {
	ID       string
	Body     string
	SentAt   time.Time // to the queue that it came from
	Received int       // how often, by workers and by who looked at it here

	handle *string
	group  *string // the org that the message belongs to; nil for none
}

const (
	// held is how long what was taken to be looked at is nobody else's. It is
	// given back sooner, unless we die.
	held = 5 * time.Minute

	// listen is how many seconds the last look lasts. A look of no length would
	// miss what lies on a server that was not asked.
	listen = 1
)

// DeadOf finds the dead letters of a queue by the queue's name or URL.
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

// urlOf asks for a queue's URL. One that is given ends in the name.
func urlOf(ctx context.Context, client *sqs.Client, name string) (string, error) {
	out, err := client.GetQueueUrl(ctx, &sqs.GetQueueUrlInput{QueueName: aws.String(path.Base(name))})
	if err != nil {
		return "", fmt.Errorf("find the queue %s: %w", name, err)
	}
	return *out.QueueUrl, nil
}

// List returns the letters, the oldest first.
func (d *Dead) List(ctx context.Context) ([]Letter, error) {
	letters, err := d.take(ctx)
	return letters, errors.Join(err, d.giveBack(ctx, letters))
}

// Move sends the letters that are wanted back to where they came from and
// returns how many those are. SQS has a task for it, which cannot choose and
// which local AWSs lack.
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

// move sends letters before it deletes them. Where that breaks off some are in
// both places, which is harmless, for a message only names what the table knows;
// none is in neither.
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

// take takes all letters that nobody else has taken. It ends even if some come
// again meanwhile.
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

// giveBack shows the letters to others again. What it misses shows itself in a
// while.
func (d *Dead) giveBack(ctx context.Context, letters []Letter) error {
	ctx = context.WithoutCancel(ctx) // who is interrupted gives back, too
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
