package source

import (
	"context"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// fairness has the messages that a poller has received but not yet passed to the function,
// and divides the function's concurrency fairly among message groups. In a standard queue,
// Amazon's SQS prefers groups with few messages in progress. A local AWS delivers messages in
// order, so the poller skips the messages of a group that has its share in progress.
//
// A message without a group is its own group.
type fairness struct {
	share int // largest number of messages in progress per group

	mu      sync.Mutex
	held    []types.Message // received, not yet in progress, in order
	running map[string]int  // number of messages in progress, by group

	ended chan struct{} // has an element if messages have ended since the last wait
}

// groupShare is the largest number of messages in progress per group. A local AWS handles
// its calls one by one, so more messages would only slow down everything.
const groupShare = 4

func newFairness() *fairness {
	return &fairness{share: groupShare, running: map[string]int{}, ended: make(chan struct{}, 1)}
}

// groupOf returns the group of a message, or "".
func groupOf(m types.Message) string {
	return m.Attributes[string(types.MessageSystemAttributeNameMessageGroupId)]
}

// hold adds received messages.
func (f *fairness) hold(messages []types.Message) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.held = append(f.held, messages...)
}

// waiting returns the number of held messages.
func (f *fairness) waiting() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.held)
}

// next takes up to n held messages and marks them as in progress. Each is the oldest message
// of the group with the fewest messages in progress. It returns none if all waiting groups
// have their share in progress.
func (f *fairness) next(n int) []types.Message {
	f.mu.Lock()
	defer f.mu.Unlock()
	var batch []types.Message
	for len(batch) < n {
		best := -1
		for i, m := range f.held {
			running := f.running[groupOf(m)]
			if running < f.share && (best < 0 || running < f.running[groupOf(f.held[best])]) {
				best = i
			}
			if running == 0 {
				break // no group has fewer
			}
		}
		if best < 0 {
			break
		}
		m := f.held[best]
		f.held = append(f.held[:best], f.held[best+1:]...)
		if group := groupOf(m); group != "" {
			f.running[group]++
		}
		batch = append(batch, m)
	}
	return batch
}

// done records that messages are no longer in progress.
func (f *fairness) done(messages []types.Message) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, m := range messages {
		group := groupOf(m)
		if f.running[group]--; f.running[group] <= 0 {
			delete(f.running, group)
		}
	}
	select {
	case f.ended <- struct{}{}:
	default: // the channel is full
	}
}

// wait waits until a message in progress ends, or for the longest time.
func (f *fairness) wait(ctx context.Context, longest time.Duration) {
	t := time.NewTimer(longest)
	defer t.Stop()
	select {
	case <-f.ended:
	case <-t.C:
	case <-ctx.Done():
	}
}

// rest removes and returns all held messages.
func (f *fairness) rest() []types.Message {
	f.mu.Lock()
	defer f.mu.Unlock()
	rest := f.held
	f.held = nil
	return rest
}

// all returns the held messages.
func (f *fairness) all() []types.Message {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]types.Message(nil), f.held...)
}

// changes returns the entries that change the visibility timeout of messages.
func changes(messages []types.Message, seconds int32) []types.ChangeMessageVisibilityBatchRequestEntry {
	var entries []types.ChangeMessageVisibilityBatchRequestEntry
	for _, m := range messages {
		entries = append(entries, types.ChangeMessageVisibilityBatchRequestEntry{
			Id: aws.String(aws.ToString(m.MessageId)), ReceiptHandle: m.ReceiptHandle, VisibilityTimeout: seconds,
		})
	}
	return entries
}
