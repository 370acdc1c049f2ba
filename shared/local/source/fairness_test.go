package source

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/google/go-cmp/cmp"

	"github.com/quintet-agents/quintet/shared/local/logs"
	"github.com/quintet-agents/quintet/shared/local/sam"
)

// grouped returns a message for each group. Its body is the group with a number. A message
// for "" has no group.
func grouped(groups ...string) []types.Message {
	count := map[string]int{}
	var all []types.Message
	for _, g := range groups {
		count[g]++
		name := fmt.Sprintf("%s%d", g, count[g])
		m := types.Message{MessageId: aws.String(name), ReceiptHandle: aws.String(name), Body: aws.String(name), Attributes: map[string]string{}}
		if g != "" {
			m.Attributes["MessageGroupId"] = g
		}
		all = append(all, m)
	}
	return all
}

func bodies(messages []types.Message) []string {
	got := []string{}
	for _, m := range messages {
		got = append(got, *m.Body)
	}
	return got
}

func TestFairness_Next(t *testing.T) {
	many := slices.Repeat([]string{"a"}, 20)
	for name, c := range map[string]struct {
		held []string
		take []int // the argument of each call of next
		want [][]string
	}{
		"one group":             {many, []int{3, 10, 1}, [][]string{{"a1", "a2", "a3"}, {"a4"}, {}}},
		"behind a flood":        {append(slices.Clone(many), "b", "c"), []int{1, 1, 1, 1}, [][]string{{"a1"}, {"b1"}, {"c1"}, {"a2"}}},
		"a batch":               {append(slices.Clone(many), "b", "b", "c"), []int{6}, [][]string{{"a1", "b1", "c1", "a2", "b2", "a3"}}},
		"without groups":        {slices.Repeat([]string{""}, 8), []int{10}, [][]string{{"1", "2", "3", "4", "5", "6", "7", "8"}}},
		"some without":          {append(slices.Clone(many), ""), []int{7}, [][]string{{"a1", "1", "a2", "a3", "a4"}}},
		"less than it may take": {[]string{"a", "b"}, []int{10, 10}, [][]string{{"a1", "b1"}, {}}},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFairness()
			f.hold(grouped(c.held...))
			for i, n := range c.take {
				if d := cmp.Diff(c.want[i], bodies(f.next(n))); d != "" {
					t.Errorf("the messages taken in turn %d (-want +got):\n%s", i, d)
				}
			}
		})
	}
}

// When a message ends, another message of its group can begin.
func TestFairness_Done(t *testing.T) {
	f := newFairness()
	f.hold(grouped(slices.Repeat([]string{"a"}, 7)...))
	first := f.next(10)
	f.done(first[:1])
	if d := cmp.Diff([]string{"a5"}, bodies(f.next(10))); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	if d := cmp.Diff([]string{"a6", "a7"}, bodies(f.rest())); d != "" {
		t.Errorf("the rest (-want +got):\n%s", d)
	}
}

// A message behind a flood of another group is handled while the flood is in progress, and
// the flood never exceeds its share. At the end of the runner, the rest of the flood becomes
// visible in the queue again.
func TestQueuePoller_Fair(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	queue := &fakeQueue{messages: grouped(append(slices.Repeat([]string{"noisy"}, 35), "quiet")...), dry: func() {}}
	var (
		mu      sync.Mutex
		running int
		most    int
	)
	p := &QueuePoller{
		QueueSource: sam.QueueSource{BatchSize: 1, Concurrency: 40},
		api:         queue,
		log:         logs.New(nil),
		hidden:      sam.DefaultHidden,
		invoke: func(ctx context.Context, _ string, payload []byte) ([]byte, error) {
			var event events.SQSEvent
			if err := json.Unmarshal(payload, &event); err != nil {
				t.Error(err)
			}
			if event.Records[0].Body == "quiet1" {
				cancel()
				return nil, nil
			}
			mu.Lock()
			running++
			most = max(most, running)
			mu.Unlock()
			<-ctx.Done()
			return nil, context.Canceled
		},
	}
	p.Run(ctx)
	if most > groupShare {
		t.Errorf("got %d messages of one group under way, want at most %d", most, groupShare)
	}
	if got, want := len(queue.released), 35; got != want || !slices.Equal(queue.deleted, []string{"quiet1"}) {
		t.Errorf("got %d messages given back and %v deleted, want %d and quiet1", got, queue.deleted, want)
	}
}
