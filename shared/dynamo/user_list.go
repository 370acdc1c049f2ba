package dynamo

import (
	"context"

	"github.com/quintet-agents/quintet/shared/identity"
)

// Members returns up to limit members of an org, newest first. after is the member before the
// first one, or nil.
func (s *Store) Members(ctx context.Context, orgID string, after *identity.User, limit int) ([]identity.User, error) {
	place := ""
	if after != nil {
		after.OrgID = orgID
		place = memberKey(*after).sk
	}
	return list(ctx, s, membersPK(orgID), place, "attribute_not_exists(removed_at)", limit, userRow.user)
}
