package boot

import (
	"context"
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
