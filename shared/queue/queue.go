// Package queue sends messages to queues of Amazon SQS.
//
// The queues are standard queues, and a message's group is its org. Message groups make a
// standard queue fair: while one group has more than its share of the consumers, SQS prefers
// the messages of the others.
package queue

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/quintet-agents/quintet/shared/work"
)

// Queue is one queue.
type Queue struct {
	client func() *sqs.Client
	url    string
}

// New returns the queue at a URL. It creates the client with the first message, because most
// functions with a queue rarely send.
func New(client func() *sqs.Client, url string) *Queue { return &Queue{client, url} }

// batch is the most that one call sends.
const batch = 10

// Send sends messages as JSON.
func (q *Queue) Send(ctx context.Context, messages ...work.Message) error {
	if len(messages) == 1 {
		body, err := json.Marshal(messages[0].Body)
		if err != nil {
			return err
		}
		_, err = q.client().SendMessage(ctx, &sqs.SendMessageInput{
			QueueUrl: &q.url, MessageBody: aws.String(string(body)), DelaySeconds: seconds(messages[0].After),
			MessageGroupId: aws.String(messages[0].Body.Org()),
		})
		return err
	}
	for some := range slices.Chunk(messages, batch) {
		if err := q.sendBatch(ctx, some); err != nil {
			return err
		}
	}
	return nil
}

func (q *Queue) sendBatch(ctx context.Context, messages []work.Message) error {
	var entries []types.SendMessageBatchRequestEntry
	for i, m := range messages {
		body, err := json.Marshal(m.Body)
		if err != nil {
			return err
		}
		entries = append(entries, types.SendMessageBatchRequestEntry{
			Id: aws.String(strconv.Itoa(i)), MessageBody: aws.String(string(body)), DelaySeconds: seconds(m.After),
			MessageGroupId: aws.String(m.Body.Org()),
		})
	}
	return sendBatch(ctx, q.client(), q.url, entries)
}

func sendBatch(ctx context.Context, client *sqs.Client, url string, entries []types.SendMessageBatchRequestEntry) error {
	out, err := client.SendMessageBatch(ctx, &sqs.SendMessageBatchInput{QueueUrl: &url, Entries: entries})
	if err != nil {
		return err
	}
	if len(out.Failed) > 0 {
		return fmt.Errorf("%d of %d messages were refused: %s", len(out.Failed), len(entries), aws.ToString(out.Failed[0].Message))
	}
	return nil
}

// seconds rounds up, because a message that arrives too early is useless.
func seconds(d time.Duration) int32 {
	return int32(math.Ceil(min(max(d, 0), work.MaxDelay).Seconds()))
}
