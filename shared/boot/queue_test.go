package boot_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/google/go-cmp/cmp"

	"github.com/quintet-agents/quintet/shared/boot"
)

// batch returns a queue's event with the messages m0, m1 and so on.
func batch(n int) events.SQSEvent {
	var e events.SQSEvent
	for i := range n {
		e.Records = append(e.Records, events.SQSMessage{MessageId: fmt.Sprintf("m%d", i), Body: fmt.Sprintf("body %d", i)})
	}
	return e
}

func failures(ids ...string) events.SQSEventResponse {
	r := events.SQSEventResponse{BatchItemFailures: []events.SQSBatchItemFailure{}}
	for _, id := range ids {
		r.BatchItemFailures = append(r.BatchItemFailures, events.SQSBatchItemFailure{ItemIdentifier: id})
	}
	return r
}

func TestBatch_Failures(t *testing.T) {
	for name, c := range map[string]struct {
		work func(boot.Message) error
		want events.SQSEventResponse
	}{
		"none":         {func(boot.Message) error { return nil }, failures()},
		"one of ten":   {poison(errors.New("boom"), "m3"), failures("m3")},
		"a panic":      {func(m boot.Message) error { return panicAt(m, "m7") }, failures("m7")},
		"two, in turn": {poison(errors.New("boom"), "m8", "m1"), failures("m1", "m8")},
	} {
		t.Run(name, func(t *testing.T) {
			var mu sync.Mutex
			bodies := map[string]string{}
			got, err := boot.Batch(func(_ context.Context, m boot.Message) error {
				mu.Lock()
				bodies[m.ID] = m.Body
				mu.Unlock()
				return c.work(m)
			})(t.Context(), batch(10))
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(c.want, got); d != "" {
				t.Errorf("failures (-want +got):\n%s", d)
			}
			if len(bodies) != 10 || bodies["m9"] != "body 9" {
				t.Errorf(`got bodies %v, want 10 with "body 9" of m9`, bodies)
			}
		})
	}
}

func poison(err error, ids ...string) func(boot.Message) error {
	return func(m boot.Message) error {
		if slices.Contains(ids, m.ID) {
			return err
		}
		return nil
	}
}

func panicAt(m boot.Message, id string) error {
	if m.ID == id {
		panic("boom")
	}
	return nil
}

// The messages of a batch are handled concurrently.
func TestBatch_Concurrent(t *testing.T) {
	var all sync.WaitGroup
	all.Add(10)
	got, err := boot.Batch(func(ctx context.Context, _ boot.Message) error {
		all.Done()
		met := make(chan struct{})
		go func() { all.Wait(); close(met) }()
		select {
		case <-met:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	})(deadlineIn(t, patience), batch(10))
	if err != nil || len(got.BatchItemFailures) != 0 {
		t.Errorf("got %+v, %v; want no failures", got, err)
	}
}

// The context of Work ends early enough for reporting the failures.
func TestBatch_StopsBeforeDeadline(t *testing.T) {
	ctx := deadlineIn(t, time.Minute)
	whole, _ := ctx.Deadline()
	_, err := boot.Batch(func(ctx context.Context, _ boot.Message) error {
		if own, ok := ctx.Deadline(); !ok || whole.Sub(own) != 2*time.Second {
			t.Errorf("got a margin of %s, want 2s", whole.Sub(own))
		}
		return nil
	})(ctx, batch(2))
	if err != nil {
		t.Error(err)
	}

	// Only the message that is still running has failed.
	got, err := boot.Batch(func(ctx context.Context, m boot.Message) error {
		if m.ID == "m1" {
			<-ctx.Done()
			return ctx.Err()
		}
		return nil
	})(deadlineIn(t, 2*time.Second+10*time.Millisecond), batch(3))
	if err != nil {
		t.Error(err)
	}
	if d := cmp.Diff(failures("m1"), got); d != "" {
		t.Errorf("failures (-want +got):\n%s", d)
	}
}

func deadlineIn(t *testing.T, d time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), d)
	t.Cleanup(cancel)
	return ctx
}

func TestMessages(t *testing.T) {
	e := batch(3)
	e.Records[0].Attributes = map[string]string{"ApproximateReceiveCount": "4"}
	e.Records[1].Attributes = map[string]string{"ApproximateReceiveCount": "many"}
	var mu sync.Mutex
	got := map[string]boot.Message{}
	_, err := boot.Batch(func(_ context.Context, m boot.Message) error {
		mu.Lock()
		defer mu.Unlock()
		got[m.ID] = m
		return nil
	})(t.Context(), e)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]boot.Message{
		"m0": {ID: "m0", Body: "body 0", Attempts: 4},
		"m1": {ID: "m1", Body: "body 1", Attempts: 1},
		"m2": {ID: "m2", Body: "body 2", Attempts: 1},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}
