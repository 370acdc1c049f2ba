package dynamo

import (
	"context"

	"github.com/quintet-agents/quintet/shared/identity"
)

// User returns a user by id, even if the user is removed, or NotFound.
func (s *Store) User(ctx context.Context, userID string) (identity.User, error) {
	var r sessionsRow
	err := s.get(ctx, userKey(userID), &r, identity.ErrNoMember)
	return r.user(), err
}

// Member returns a user of the given org, or NotFound, also for a removed user.
func (s *Store) Member(ctx context.Context, orgID, userID string) (identity.User, error) {
	u, err := s.User(ctx, userID)
	if err == nil && (u.OrgID != orgID || !u.RemovedAt.IsZero()) {
		return identity.User{}, identity.ErrNoMember
	}
	return u, err
}
