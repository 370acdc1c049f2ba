package dynamo

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// batchSize is how many items DynamoDB reads at once.
const batchSize = 100

// consistency says whether a read sees all earlier writes.
type consistency bool

const (
	eventual consistency = false
	strong   consistency = true
)

// batch reads the items with the given keys, in no order. Items that do not exist are left out.
// The keys must differ.
func (s *Store) batch(ctx context.Context, keys []key, c consistency) ([]item, error) {
	items := make([]item, 0, len(keys))
	for some := range slices.Chunk(keys, batchSize) {
		left := make([]item, 0, len(some))
		for _, k := range some {
			left = append(left, k.item())
		}
		for len(left) > 0 {
			out, err := s.db.BatchGetItem(ctx, &dynamodb.BatchGetItemInput{RequestItems: map[string]types.KeysAndAttributes{s.table: {Keys: left, ConsistentRead: new(bool(c))}}})
			if err != nil {
				return nil, err
			}
			items = append(items, out.Responses[s.table]...)
			left = out.UnprocessedKeys[s.table].Keys
		}
	}
	return items, nil
}
