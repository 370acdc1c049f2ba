package dynamo

import (
	"context"

	"github.com/quintet-agents/quintet/shared/account"
	"github.com/quintet-agents/quintet/shared/fault"
)

// Org returns an org by its id, or NotFound.
func (s *Store) Org(ctx context.Context, orgID string) (account.Org, error) {
	var r orgRow
	err := s.get(ctx, orgKey(orgID), &r)
	if fault.Is(err, fault.NotFound) {
		return account.Org{}, errNoOrg
	}
	return r.org(), err
}
