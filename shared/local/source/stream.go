package source

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams/types"

	"github.com/quintet-agents/quintet/shared/local/logs"
	"github.com/quintet-agents/quintet/shared/local/sam"
)

const (
	// maxRecords is the largest number of records that one GetRecords returns.
	maxRecords = 1000

	// maxPages is the number of pages of a shard that are read before the next shard.
	maxPages = 10
)

// streamAPI has the calls of DynamoDB Streams that a poller needs.
type streamAPI interface {
	DescribeStream(context.Context, *dynamodbstreams.DescribeStreamInput, ...func(*dynamodbstreams.Options)) (*dynamodbstreams.DescribeStreamOutput, error)
	GetShardIterator(context.Context, *dynamodbstreams.GetShardIteratorInput, ...func(*dynamodbstreams.Options)) (*dynamodbstreams.GetShardIteratorOutput, error)
	GetRecords(context.Context, *dynamodbstreams.GetRecordsInput, ...func(*dynamodbstreams.Options)) (*dynamodbstreams.GetRecordsOutput, error)
}

const (
	// pollInterval is Lambda's: it reads a shard four times a second.
	pollInterval = 250 * time.Millisecond
	// shardInterval is the interval at which a poller looks for new shards.
	shardInterval = 10 * time.Second
	maxBackoff    = 10 * time.Second
)

// StreamPoller invokes a function for the records of a table's stream, each shard in order.
// Its position is lost when the runner ends.
type StreamPoller struct {
	sam.StreamSource
	arn    string
	api    streamAPI
	invoke invoker
	log    *logs.Logger
	wait   func(ctx context.Context, d time.Duration) // sleep, except in tests

	shards map[string]*shard // by id
	looked time.Time         // time of the last look for new shards
}

// shard is a shard that the poller reads.
type shard struct {
	id       string
	iterator string // empty if the shard is closed and read to its end
	seen     string // the sequence number of the last record read
}

// NewStreamPoller returns a poller of the stream with the given ARN.
func NewStreamPoller(source sam.StreamSource, arn string, api streamAPI, invoke invoker, log *logs.Logger) *StreamPoller {
	return &StreamPoller{StreamSource: source, arn: arn, api: api, invoke: invoke, log: log, wait: sleep}
}

// Prepare finds the start position. The poller will read all records that are written
// afterwards.
func (p *StreamPoller) Prepare(ctx context.Context) error {
	p.shards = map[string]*shard{}
	return p.discover(ctx, types.ShardIteratorType(p.Start))
}

// Run polls until ctx ends.
func (p *StreamPoller) Run(ctx context.Context) {
	for ctx.Err() == nil {
		err := p.poll(ctx)
		if err != nil {
			p.complain(ctx, err)
			p.wait(ctx, time.Second)
		}
		p.wait(ctx, pollInterval)
	}
}

// poll reads every shard to its end, or at most maxPages of it.
func (p *StreamPoller) poll(ctx context.Context) error {
	if time.Since(p.looked) >= shardInterval {
		// A shard that appears later continues an older one.
		if err := p.discover(ctx, types.ShardIteratorTypeTrimHorizon); err != nil {
			return err
		}
	}
	for _, s := range p.shards {
		if s.iterator == "" {
			continue
		}
		if err := p.read(ctx, s); err != nil {
			return err
		}
	}
	return nil
}

func (p *StreamPoller) complain(ctx context.Context, err error) {
	if ctx.Err() == nil {
		p.log.Printf("stream of table %s: %v", p.Table, err)
	}
}

// discover opens the new shards.
func (p *StreamPoller) discover(ctx context.Context, start types.ShardIteratorType) error {
	in := &dynamodbstreams.DescribeStreamInput{StreamArn: aws.String(p.arn)}
	for {
		out, err := p.api.DescribeStream(ctx, in)
		if err != nil {
			return fmt.Errorf("list its shards: %w", err)
		}
		for _, found := range out.StreamDescription.Shards {
			id := aws.ToString(found.ShardId)
			if p.shards[id] != nil {
				continue
			}
			s := &shard{id: id}
			if err := p.open(ctx, s, start); err != nil {
				return err
			}
			p.shards[id] = s
		}
		in.ExclusiveStartShardId = out.StreamDescription.LastEvaluatedShardId
		if in.ExclusiveStartShardId == nil {
			p.looked = time.Now()
			return nil
		}
	}
}

// open gets an iterator for a shard: after the last record read, or at the start.
func (p *StreamPoller) open(ctx context.Context, s *shard, start types.ShardIteratorType) error {
	in := &dynamodbstreams.GetShardIteratorInput{StreamArn: aws.String(p.arn), ShardId: aws.String(s.id), ShardIteratorType: start}
	if s.seen != "" {
		in.ShardIteratorType, in.SequenceNumber = types.ShardIteratorTypeAfterSequenceNumber, aws.String(s.seen)
	}
	out, err := p.api.GetShardIterator(ctx, in)
	if err != nil {
		return fmt.Errorf("open shard %s: %w", s.id, err)
	}
	s.iterator = aws.ToString(out.ShardIterator)
	return nil
}

// read reads a shard to its end, or at most maxPages, and handles one batch after the other.
// On a busy table, only a few records pass the function's filter. So read always requests
// the largest pages, independent of the batch size, and does not pause between them.
func (p *StreamPoller) read(ctx context.Context, s *shard) error {
	for range maxPages {
		out, err := p.api.GetRecords(ctx, &dynamodbstreams.GetRecordsInput{ShardIterator: aws.String(s.iterator), Limit: aws.Int32(maxRecords)})
		if _, ok := errors.AsType[*types.ExpiredIteratorException](err); ok {
			return p.open(ctx, s, types.ShardIteratorTypeTrimHorizon)
		}
		if err != nil {
			return fmt.Errorf("read shard %s: %w", s.id, err)
		}
		for batch := range slices.Chunk(out.Records, p.BatchSize) {
			p.handle(ctx, batch)
			if ctx.Err() != nil {
				return nil
			}
			s.seen = aws.ToString(batch[len(batch)-1].Dynamodb.SequenceNumber)
		}
		s.iterator = aws.ToString(out.NextShardIterator)
		if len(out.Records) < maxRecords || s.iterator == "" {
			break
		}
	}
	return nil
}

// handle delivers records and retries until the function succeeds. Like Lambda, it reads no
// further records of the shard before that.
func (p *StreamPoller) handle(ctx context.Context, records []types.Record) {
	backoff := pollInterval
	for attempt := 1; ctx.Err() == nil; attempt++ {
		batch, err := p.batch(records)
		if err == nil && len(batch.records) > 0 {
			batch, err = p.deliver(ctx, batch)
		}
		if err == nil && len(batch.records) == 0 {
			return
		}
		records = batch.records
		p.complain(ctx, fmt.Errorf("%s failed on a batch of %d (attempt %d): %w", p.Function, len(records), attempt, err))
		if attempt == p.Attempts {
			return // MaximumRetryAttempts is reached: drop the batch
		}
		p.wait(ctx, backoff)
		backoff = min(2*backoff, maxBackoff)
	}
}
