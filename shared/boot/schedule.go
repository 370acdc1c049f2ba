package boot

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
)

// Job is what a schedule runs. It is told the time it was meant to run at.
type Job = func(ctx context.Context, at time.Time) error

// Schedule starts a function that runs at the times its template says. A
// run that comes late, or comes twice, is told the same time.
func Schedule(maker func(*Deps) Job) {
	c := FromEnvironment()
	logTo(c)
	lambda.Start(Scheduled(maker(NewDeps(c))))
}

// Scheduled makes a Lambda handler of a job.
func Scheduled(run Job) func(context.Context, events.CloudWatchEvent) error {
	return func(ctx context.Context, e events.CloudWatchEvent) error { return run(ctx, e.Time) }
}

// Jobs makes one job of several, side by side: none waits for another, or for
// its failure.
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
