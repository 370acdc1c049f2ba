package dynamo

import (
	"context"

	"github.com/quintet-agents/quintet/shared/identity"
)

// KeyByHash returns the key with the given hash, even if it is revoked, or NotFound.
func (s *Store) KeyByHash(ctx context.Context, hash string) (identity.Key, error) {
	var r keyRow
	err := s.get(ctx, keyKey(hash), &r, identity.ErrNoKey)
	return r.key(), err
}
