package boot

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
)

// queueMargin is what a batch leaves of its function's time, so that the list
// of failures still gets out.
const queueMargin = 2 * time.Second

// Message is one message of a queue.
type Message struct {
	ID       string
	Body     string
	Attempts int // how often it was received, this time included
}

// Work is what is done with a message. Its error has the message come again.
type Work = func(context.Context, Message) error

// Bodies makes work of what looks at messages' texts alone.
func Bodies(work func(ctx context.Context, body []byte) error) Work {
	return func(ctx context.Context, m Message) error { return work(ctx, []byte(m.Body)) }
}

// Queue starts a function that works through a queue's messages.
func Queue(maker func(*Deps) Work) {
	c := FromEnvironment()
	logTo(c)
	lambda.Start(Batch(maker(NewDeps(c))))
}

// Batch makes a Lambda handler that works on a batch's messages side by side
// and reports those that failed; SQS delivers them again, and them alone.
func Batch(work func(context.Context, Message) error) func(context.Context, events.SQSEvent) (events.SQSEventResponse, error) {
	return func(ctx context.Context, e events.SQSEvent) (events.SQSEventResponse, error) {
		if deadline, ok := ctx.Deadline(); ok {
			var cancel context.CancelFunc
			ctx, cancel = context.WithDeadline(ctx, deadline.Add(-queueMargin))
			defer cancel()
		}
		failed := make([]error, len(e.Records))
		var batch sync.WaitGroup
		for i, r := range e.Records {
			batch.Go(func() { failed[i] = attempt(ctx, work, messageOf(r)) })
		}
		batch.Wait()
		res := events.SQSEventResponse{BatchItemFailures: []events.SQSBatchItemFailure{}} // none is a list, too
		for i, err := range failed {
			if err != nil {
				slog.ErrorContext(ctx, "message failed", "message_id", e.Records[i].MessageId, "error", err)
				res.BatchItemFailures = append(res.BatchItemFailures, events.SQSBatchItemFailure{ItemIdentifier: e.Records[i].MessageId})
			}
		}
		return res, nil
	}
}

// attempt keeps one message's panic from its neighbours.
func attempt(ctx context.Context, work func(context.Context, Message) error, m Message) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	return work(ctx, m)
}

func messageOf(r events.SQSMessage) Message {
	m := Message{ID: r.MessageId, Body: r.Body}
	// A count that is missing or odd reads as a first attempt.
	if _, err := fmt.Sscan(r.Attributes["ApproximateReceiveCount"], &m.Attempts); err != nil {
		m.Attempts = 1
	}
	return m
}
