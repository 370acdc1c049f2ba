package boot

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
)

// Job is a task of a schedule. at is the scheduled time.
type Job = func(ctx context.Context, at time.Time) error

// Schedule starts a function that a schedule of the template invokes. A late or repeated
// run has the same scheduled time.
func Schedule(maker func(*Deps) Job) {
	c := FromEnvironment()
	logTo(c)
	lambda.Start(Scheduled(maker(NewDeps(c))))
}

// Scheduled adapts a job to a Lambda handler.
func Scheduled(run Job) func(context.Context, events.CloudWatchEvent) error {
	return func(ctx context.Context, e events.CloudWatchEvent) error { return run(ctx, e.Time) }
}

// Jobs returns a job that runs several jobs concurrently. A failure of one does not affect
// the others.
func Jobs(jobs ...Job) Job {
	return func(ctx context.Context, at time.Time) error {
		failures := make([]error, len(jobs))
		var all sync.WaitGroup
		for i, run := range jobs {
			all.Go(func() { failures[i] = run(ctx, at) })
		}
		all.Wait()
		return errors.Join(failures...)
	}
}
