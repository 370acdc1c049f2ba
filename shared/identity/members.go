package identity

import (
	"context"
	"time"

	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/idempotency"
)

// Directory has the users and their passwords. It does not know their rights.
type Directory interface {
	// CreateUser creates a user and sends an invitation by email, or returns the id of the
	// existing user.
	CreateUser(ctx context.Context, email string) (userID string, err error)
	// DeleteUser deletes a user. It is a no-op for an unknown user.
	DeleteUser(ctx context.Context, userID string) error
}

// MemberStore keeps the members of orgs.
type MemberStore interface {
	User(ctx context.Context, userID string) (User, error)
	// CreateUser returns a Conflict for an existing user.
	CreateUser(ctx context.Context, once *idempotency.Change, u User) error
	BeginRemoval(ctx context.Context, orgID, userID string, at time.Time) (User, error)
	FinishRemoval(ctx context.Context, once *idempotency.Change, u User) error
	// ConfirmUser records the answer of a request whose member exists already.
	ConfirmUser(ctx context.Context, once *idempotency.Change, u User) error
	// ForgetUser completes an earlier removal, which is not part of the request.
	ForgetUser(ctx context.Context, u User) error
}

// Members adds and removes members. A member has a row in the store and a user in the
// directory. Each step can be repeated, so a retry completes an interrupted change.
type Members struct {
	Directory Directory
	Store     MemberStore
	Now       func() time.Time
}

// maxTries bounds the retries of Add for a user whose removal is in progress.
const maxTries = 3

// Add makes the user of an email address a member. It returns an existing member of this org
// with this role unchanged. The error is a Conflict for a member with another role or of
// another org.
func (m *Members) Add(ctx context.Context, once *idempotency.Change, orgID, email string, role Role) (User, error) {
	for range maxTries {
		id, err := m.Directory.CreateUser(ctx, email)
		if err != nil {
			return User{}, err
		}
		u := User{ID: id, OrgID: orgID, Email: email, Role: role, CreatedAt: m.Now().Truncate(time.Millisecond)}
		err = m.Store.CreateUser(ctx, once, u)
		if !fault.Is(err, fault.Conflict) {
			return u, err
		}
		known, err := m.Store.User(ctx, id)
		switch {
		case fault.Is(err, fault.NotFound):
			continue
		case err != nil:
			return User{}, err
		case !known.RemovedAt.IsZero():
			if err := m.forget(ctx, known); err != nil {
				return User{}, err
			}
			continue
		case known.OrgID != orgID:
			return User{}, fault.New(fault.Conflict, "This email address belongs to a user who cannot be added")
		case known.Role != role:
			return User{}, fault.New(fault.Conflict, "This user is a member already, in another role")
		}
		return known, m.Store.ConfirmUser(ctx, once, known)
	}
	return User{}, &fault.Error{Code: fault.Conflict, Message: "This user is being removed; try again", RetryAfter: time.Second}
}

// Remove ends a membership: first the user's sessions, then the user. The error is a
// Conflict for the org's last owner, and NotFound for another org's member.
func (m *Members) Remove(ctx context.Context, once *idempotency.Change, orgID, userID string) error {
	u, err := m.Store.BeginRemoval(ctx, orgID, userID, m.Now())
	if err != nil {
		return err
	}
	if err := m.Directory.DeleteUser(ctx, u.ID); err != nil {
		return err
	}
	return m.Store.FinishRemoval(ctx, once, u)
}

func (m *Members) forget(ctx context.Context, u User) error {
	if err := m.Directory.DeleteUser(ctx, u.ID); err != nil {
		return err
	}
	return m.Store.ForgetUser(ctx, u)
}
