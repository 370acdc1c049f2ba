package dynamo

import (
	"context"

	"github.com/quintet-agents/quintet/shared/identity"
)

// Org returns an org by its id, or NotFound.
func (s *Store) Org(ctx context.Context, orgID string) (identity.Org, error) {
	var r orgRow
	err := s.get(ctx, orgKey(orgID), &r, identity.ErrNoOrg)
	return r.org(), err
}
