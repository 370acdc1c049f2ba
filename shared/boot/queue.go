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

// queueMargin is reserved at the end of the function's time for reporting the batch's
// failures.
const queueMargin = 2 * time.Second

// Message is one message of a queue.
type Message struct {
	ID       string
	Body     string
	Attempts int // number of receives, including this one
}

// Work handles a message. An error makes SQS redeliver the message.
type Work = func(context.Context, Message) error

// Bodies adapts a function that needs only the message body.
func Bodies(work func(ctx context.Context, body []byte) error) Work {
	return func(ctx context.Context, m Message) error { return work(ctx, []byte(m.Body)) }
}

// Queue starts a function that works through a queue's messages.
func Queue(maker func(*Deps) Work) {
	c := FromEnvironment()
	logTo(c)
	lambda.Start(Batch(maker(NewDeps(c))))
}

// Batch returns a Lambda handler that handles a batch's messages concurrently and reports
// those that failed. SQS redelivers only them.
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
		res := events.SQSEventResponse{BatchItemFailures: []events.SQSBatchItemFailure{}} // [], not null, for no failure
		for i, err := range failed {
			if err != nil {
				slog.ErrorContext(ctx, "message failed", "message_id", e.Records[i].MessageId, "error", err)
				res.BatchItemFailures = append(res.BatchItemFailures, events.SQSBatchItemFailure{ItemIdentifier: e.Records[i].MessageId})
			}
		}
		return res, nil
	}
}

// attempt calls work and converts a panic into an error, so that it fails only this message.
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
	// A missing or malformed count counts as the first attempt.
	if _, err := fmt.Sscan(r.Attributes["ApproximateReceiveCount"], &m.Attempts); err != nil {
		m.Attempts = 1
	}
	return m
}
