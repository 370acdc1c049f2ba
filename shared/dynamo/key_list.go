package dynamo

import (
	"context"

	"github.com/quintet-agents/quintet/shared/identity"
)

// Keys returns up to limit live keys of an org, newest first. after is the id of the key before
// the first one, or empty.
func (s *Store) Keys(ctx context.Context, orgID, after string, limit int) ([]identity.Key, error) {
	return list(ctx, s, keysPK(orgID), after, "attribute_not_exists(revoked_at)", limit, keyRow.key)
}
