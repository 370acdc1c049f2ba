package source

import (
	"context"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// fairness holds the messages that a poller has received and not yet handed out,
// and shares a function's places out by message group. Amazon's SQS prefers the
// groups of a standard queue that have few messages under way; a local AWS hands
// messages out in their order, so the runner reads past the messages of a group
// that has its share.
//
// A message without a group is a group of its own.
type fairness struct {
	share int // how many messages of a group are under way at a time

	mu      sync.Mutex
	held    []types.Message // in the order they came
	running map[string]int  // messages under way, by group

	ended chan struct{} // has one when messages have ended since the last wait
}

// groupShare is how many messages of a group are under way at a time. A local AWS
// does one thing after another, so more of them would only be slower, and so would
// all others.
const groupShare = 4

func newFairness() *fairness {
	return &fairness{share: groupShare, running: map[string]int{}, ended: make(chan struct{}, 1)}
}

// groupOf returns the group of a message, empty for one that has none.
func groupOf(m types.Message) string {
	return m.Attributes[string(types.MessageSystemAttributeNameMessageGroupId)]
}

// hold adds messages that were received.
func (f *fairness) hold(messages []types.Message) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.held = append(f.held, messages...)
}

// waiting returns how many messages are held.
func (f *fairness) waiting() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.held)
}

// next takes up to n messages to be handed out: each is the oldest of the group
// that has the fewest under way. It returns none when all groups that wait have
// their share.
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
				break // none has fewer
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

// done notes that messages are no longer under way.
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
	default: // it has one
	}
}

// wait waits for messages under way to end, but not for longer than that.
func (f *fairness) wait(ctx context.Context, longest time.Duration) {
	t := time.NewTimer(longest)
	defer t.Stop()
	select {
	case <-f.ended:
	case <-t.C:
	case <-ctx.Done():
	}
}

// rest takes all messages that are held.
func (f *fairness) rest() []types.Message {
	f.mu.Lock()
	defer f.mu.Unlock()
	rest := f.held
	f.held = nil
	return rest
}

// all returns the messages that are held.
func (f *fairness) all() []types.Message {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]types.Message(nil), f.held...)
}

// changes returns the entries that change how long messages are hidden.
func changes(messages []types.Message, seconds int32) []types.ChangeMessageVisibilityBatchRequestEntry {
	var entries []types.ChangeMessageVisibilityBatchRequestEntry
	for _, m := range messages {
		entries = append(entries, types.ChangeMessageVisibilityBatchRequestEntry{
			Id: aws.String(aws.ToString(m.MessageId)), ReceiptHandle: m.ReceiptHandle, VisibilityTimeout: seconds,
		})
	}
	return entries
}
