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
	// maxRecords is the most that one GetRecords returns.
	maxRecords = 1000

	// maxPages is how many of those are read of a shard before it is another's turn.
	maxPages = 10
)

// streamAPI is what a stream's poller needs of DynamoDB Streams.
type streamAPI interface {
	DescribeStream(context.Context, *dynamodbstreams.DescribeStreamInput, ...func(*dynamodbstreams.Options)) (*dynamodbstreams.DescribeStreamOutput, error)
	GetShardIterator(context.Context, *dynamodbstreams.GetShardIteratorInput, ...func(*dynamodbstreams.Options)) (*dynamodbstreams.GetShardIteratorOutput, error)
	GetRecords(context.Context, *dynamodbstreams.GetRecordsInput, ...func(*dynamodbstreams.Options)) (*dynamodbstreams.GetRecordsOutput, error)
}

const (
	// Lambda reads a shard four times a second, too.
	pollInterval = 250 * time.Millisecond
	// shardInterval is how often a poller looks for new shards.
	shardInterval = 10 * time.Second
	maxBackoff    = 10 * time.Second
)

// StreamPoller feeds a function from a table's stream, each shard in order.
// How far it is, is forgotten when the runner ends.
type StreamPoller struct {
	sam.StreamSource
	arn    string
	api    streamAPI
	invoke invoker
	log    *logs.Logger
	wait   func(ctx context.Context, d time.Duration) // sleep, but for tests

	shards map[string]*shard // by id
	looked time.Time         // for shards
}

// shard is one that is being read.
type shard struct {
	id       string
	iterator string // empty when it is closed and read to its end
	seen     string // the sequence number of the last record read
}

// NewStreamPoller returns a poller of the stream with the given ARN.
func NewStreamPoller(source sam.StreamSource, arn string, api streamAPI, invoke invoker, log *logs.Logger) *StreamPoller {
	return &StreamPoller{StreamSource: source, arn: arn, api: api, invoke: invoke, log: log, wait: sleep}
}

// Prepare finds where to start; what is written afterwards will be seen.
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

// poll reads every shard to its end, though none for long.
func (p *StreamPoller) poll(ctx context.Context) error {
	if time.Since(p.looked) >= shardInterval {
		// A shard that turns up later continues an older one.
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

// discover opens the shards that are not known yet.
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

// open gets an iterator for a shard: after what was read, or at the start.
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

// read reads a shard until it has no more, and stays with each batch until it is
// handled. A table with much to do has far more records than the function's filter
// lets pass: a page is as long as may be, whatever the size of a batch is, and the
// next one follows at once.
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

// handle delivers records until the function has taken them, as Lambda does:
// nothing behind them is read meanwhile.
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
			return // given up, as MaximumRetryAttempts asks for
		}
		p.wait(ctx, backoff)
		backoff = min(2*backoff, maxBackoff)
	}
}
