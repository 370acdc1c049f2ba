package dynamo

import (
	"context"

	"github.com/quintet-agents/quintet/shared/idempotency"
)

// confirm keeps the answer to a request that found everything as it wants it,
// which is a change without steps.
func (s *Store) confirm(ctx context.Context, result any) error {
	if _, ok := idempotency.From(ctx); !ok {
		return nil
	}
	return s.commit(ctx, result, nil)
}
