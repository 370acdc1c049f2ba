package dynamo

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/quintet-agents/quintet/shared/idempotency"
	"github.com/quintet-agents/quintet/shared/identity"
)

// CreateKey stores a new key without its secret.
func (s *Store) CreateKey(ctx context.Context, once *idempotency.Change, k identity.Key) error {
	k.Secret = "" // not even kept with the request's answer
	var steps []types.TransactWriteItem
	for _, at := range []key{keyKey(k.Hash), listedKey(k.OrgID, k.ID)} {
		step, err := s.put(keyRowOf(at, k), ifNew)
		if err != nil {
			return err
		}
		steps = append(steps, step)
	}
	return s.commit(ctx, once, k, steps)
}
