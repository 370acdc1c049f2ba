package local

import (
	"cmp"
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/quintet-agents/quintet/shared/local/engine"
	"github.com/quintet-agents/quintet/shared/local/source"
)

// startSources starts the pollers and schedules. ctx limits their start; they run until
// alive ends.
func (r *Runner) startSources(ctx, alive context.Context, o Options) error {
	if o.AWSEndpoint != "" {
		r.clients = engine.NewClients(o.AWSEndpoint)
		if err := r.startQueues(ctx, alive); err != nil {
			return err
		}
		if err := r.startStreams(ctx, alive, o.Tables); err != nil {
			return err
		}
	}
	if o.Schedules {
		for _, s := range r.template.Schedules() {
			timer := source.NewScheduler(s, r.Invoke, r.log)
			r.sources.Go(func() { timer.Run(alive) })
		}
	}
	return nil
}

func (r *Runner) startQueues(ctx, alive context.Context) error {
	for _, s := range r.template.QueueSources() {
		found, err := r.clients.SQS.GetQueueUrl(ctx, &sqs.GetQueueUrlInput{QueueName: aws.String(s.Queue)})
		if err != nil {
			return fmt.Errorf("find queue %s: %w", s.Queue, err)
		}
		poller := source.NewQueuePoller(s, aws.ToString(found.QueueUrl), r.template.VisibilityTimeout(s.Queue), r.clients.SQS, r.Invoke, r.log)
		r.sources.Go(func() { poller.Run(alive) })
	}
	return nil
}

func (r *Runner) startStreams(ctx, alive context.Context, instead map[string]string) error {
	for _, s := range r.template.StreamSources() {
		s.Table = cmp.Or(instead[s.Table], s.Table)
		found, err := r.clients.DynamoDB.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: aws.String(s.Table)})
		if err != nil {
			return fmt.Errorf("find table %s: %w", s.Table, err)
		}
		stream := aws.ToString(found.Table.LatestStreamArn)
		if stream == "" {
			return fmt.Errorf("table %s has no stream, but %s reads one", s.Table, s.Function)
		}
		poller := source.NewStreamPoller(s, stream, r.clients.Streams, r.Invoke, r.log)
		if err := poller.Prepare(ctx); err != nil {
			return fmt.Errorf("read the stream of table %s: %w", s.Table, err)
		}
		r.sources.Go(func() { poller.Run(alive) })
	}
	return nil
}
