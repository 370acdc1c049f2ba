package local

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

// startSources starts the pollers and schedules. ctx is for what they need at
// first; they run as long as alive.
func (r *Runner) startSources(ctx, alive context.Context, o Options) error {
	if o.AWSEndpoint != "" {
		r.clients = newClients(o.AWSEndpoint)
		if err := r.startQueues(ctx, alive); err != nil {
			return err
		}
		if err := r.startStreams(ctx, alive, o.Tables); err != nil {
			return err
		}
	}
	if o.Schedules {
		for _, s := range r.template.schedules {
			timer := &scheduler{Schedule: s, invoke: r.Invoke, log: r.log, now: time.Now, wait: sleep}
			r.sources.Go(func() { timer.run(alive) })
		}
	}
	return nil
}

func (r *Runner) startQueues(ctx, alive context.Context) error {
	for _, source := range r.template.queueSources {
		found, err := r.clients.sqs.GetQueueUrl(ctx, &sqs.GetQueueUrlInput{QueueName: aws.String(source.queue)})
		if err != nil {
			return fmt.Errorf("find queue %s: %w", source.queue, err)
		}
		poller := &queuePoller{queueSource: source, url: aws.ToString(found.QueueUrl), api: r.clients.sqs, invoke: r.Invoke, log: r.log, hidden: r.template.hidden(source.queue)}
		r.sources.Go(func() { poller.run(alive) })
	}
	return nil
}

func (r *Runner) startStreams(ctx, alive context.Context, instead map[string]string) error {
	for _, source := range r.template.streamSources {
		source.table = cmp.Or(instead[source.table], source.table)
		found, err := r.clients.dynamodb.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: aws.String(source.table)})
		if err != nil {
			return fmt.Errorf("find table %s: %w", source.table, err)
		}
		stream := aws.ToString(found.Table.LatestStreamArn)
		if stream == "" {
			return fmt.Errorf("table %s has no stream, but %s reads one", source.table, source.function)
		}
		poller := &streamPoller{streamSource: source, arn: stream, api: r.clients.streams, invoke: r.Invoke, log: r.log, wait: sleep}
		if err := poller.prepare(ctx); err != nil {
			return fmt.Errorf("read the stream of table %s: %w", source.table, err)
		}
		r.sources.Go(func() { poller.run(alive) })
	}
	return nil
}
