package dynamo

import (
	"context"

	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/identity"
)

// Org returns an org by its id, or NotFound.
func (s *Store) Org(ctx context.Context, orgID string) (identity.Org, error) {
	var r orgRow
	err := s.get(ctx, orgKey(orgID), &r)
	if fault.Is(err, fault.NotFound) {
		return identity.Org{}, errNoOrg
	}
	return r.org(), err
}
