package dynamo

import (
	"context"

	"github.com/quintet-agents/quintet/shared/identity"
)

// Keys returns up to limit live keys of an org, newest first. After a key's id
// means older than it; empty means from the newest on.
func (s *Store) Keys(ctx context.Context, orgID, after string, limit int) ([]identity.Key, error) {
	return list(ctx, s, keysPK(orgID), after, "attribute_not_exists(revoked_at)", limit, keyRow.key)
}
