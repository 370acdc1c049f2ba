package dynamo

import (
	"context"

	"github.com/quintet-agents/quintet/shared/identity"
)

// Key returns a key of an org by its id, even if it is revoked, or NotFound.
func (s *Store) Key(ctx context.Context, orgID, keyID string) (identity.Key, error) {
	var r keyRow
	err := s.get(ctx, listedKey(orgID, keyID), &r, identity.ErrNoKey)
	return r.key(), err
}
