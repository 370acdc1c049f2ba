// Package dynamo is the store of all domain packages: it keeps everything in one
// DynamoDB table. It is the only package that knows keys, indexes and conditions;
// rules of the product belong to the domain, whose interfaces Store implements.
//
// The folder's listing shows the access patterns: keys_<entity>.go has an entity's keys,
// <entity>_item.go its rows, and <entity>_<verb>.go one access pattern each.
//
// Files of one word have common helpers: values and times (values of attributes), query (pages
// and rows of a query), update (patches), transaction (steps, and which condition failed),
// contend and retry (retries after a concurrent write).
package dynamo

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/recall"
)

// Store is the table.
type Store struct {
	db    *dynamodb.Client
	table string
	now   func() time.Time

	// contention bounds the retries of a change that loses to concurrent ones.
	contention time.Duration

	// shards caches the number of parts of each org's account. It is assumed to be one until
	// the first part's item shows another number.
	shards recall.Memory[int]

	// windows caches the rate windows that this process has seen, by windowOn.
	windows recall.Memory[sight]
}

// Option is an option of New.
type Option func(*Store)

// Contention bounds the time in which a change is retried that loses to concurrent changes of
// the same row. After it the change is refused with a Conflict. The default is 10 s.
func Contention(d time.Duration) Option { return func(s *Store) { s.contention = d } }

// New returns the store of the given table.
func New(db *dynamodb.Client, table string, now func() time.Time, options ...Option) *Store {
	s := &Store{db: db, table: table, now: now, contention: defaultContention}
	for _, o := range options {
		o(s)
	}
	return s
}

// errAbsent is the error of get for a row that need not exist.
var errAbsent = fault.New(fault.NotFound, "Not found")

// get reads one item into row, and returns missing if the item does not exist. A read
// that follows a write of the same caller must see it, so all reads of a request's own
// data are consistent.
func (s *Store) get(ctx context.Context, k key, row any, missing error) error {
	out, err := s.db.GetItem(ctx, &dynamodb.GetItemInput{TableName: &s.table, Key: k.item(), ConsistentRead: new(true)})
	if err != nil {
		return err
	}
	if out.Item == nil {
		return missing
	}
	return attributevalue.UnmarshalMap(out.Item, row)
}

// exists reports whether there is an item with a key.
func (s *Store) exists(ctx context.Context, k key) (bool, error) {
	out, err := s.db.GetItem(ctx, &dynamodb.GetItemInput{
		TableName: &s.table, Key: k.item(), ConsistentRead: new(true), ProjectionExpression: new("pk"),
	})
	return err == nil && out.Item != nil, err
}

// putNew stores a new item without a transaction, which would cost twice as much. It does not
// change an existing item, which may come from an SDK attempt whose response was lost.
func (s *Store) putNew(ctx context.Context, p *types.Put) error {
	_, err := s.db.PutItem(ctx, &dynamodb.PutItemInput{TableName: p.TableName, Item: p.Item, ConditionExpression: new(ifNew)})
	if _, there := conditionFailed(err); there {
		return nil
	}
	return err
}
