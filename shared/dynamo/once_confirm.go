package dynamo

import (
	"context"

	"github.com/quintet-agents/quintet/shared/idempotency"
)

// confirm stores the answer to a request that needs no change: a commit without steps.
func (s *Store) confirm(ctx context.Context, once *idempotency.Change, result any) error {
	if once == nil {
		return nil
	}
	return s.commit(ctx, once, result, nil)
}
