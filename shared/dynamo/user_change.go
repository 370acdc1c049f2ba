package dynamo

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/idempotency"
	"github.com/quintet-agents/quintet/shared/identity"
)

// ChangeRole changes a member's role. The error is a Conflict for the org's last owner, and
// NotFound for an unknown or removed member or another org's.
func (s *Store) ChangeRole(ctx context.Context, once *idempotency.Change, orgID, userID string, role identity.Role) (identity.User, error) {
	made := func(after identity.User, steps []types.TransactWriteItem) error {
		return s.commit(ctx, once, after, steps)
	}
	return s.changeUser(ctx, orgID, userID, made, func(u *identity.User) { u.Role = role })
}

// BeginRemoval ends a user's membership and sessions. The user's rows stay until FinishRemoval,
// so that an interrupted removal can be completed: for a user whose removal has begun, it returns
// the user unchanged. The errors are those of ChangeRole.
func (s *Store) BeginRemoval(ctx context.Context, orgID, userID string, at time.Time) (identity.User, error) {
	// FinishRemoval keeps the request's answer.
	made := func(_ identity.User, steps []types.TransactWriteItem) error { return s.write(ctx, steps) }
	u, err := s.changeUser(ctx, orgID, userID, made, func(u *identity.User) { u.RemovedAt = at })
	if !fault.Is(err, fault.NotFound) {
		return u, err
	}
	// Read after the change was refused: the removal may have begun just before that.
	switch u, err = s.User(ctx, userID); {
	case err != nil:
		return identity.User{}, err
	case u.OrgID != orgID || u.RemovedAt.IsZero():
		return identity.User{}, identity.ErrNoMember
	}
	return u, nil
}

// FinishRemoval deletes the rows of a user whose removal has begun.
func (s *Store) FinishRemoval(ctx context.Context, once *idempotency.Change, u identity.User) error {
	return s.commit(ctx, once, nil, s.forgetSteps(u))
}

// ForgetUser completes an earlier removal, which is not part of the request.
func (s *Store) ForgetUser(ctx context.Context, u identity.User) error {
	return s.write(ctx, s.forgetSteps(u))
}

func (s *Store) forgetSteps(u identity.User) []types.TransactWriteItem {
	var steps []types.TransactWriteItem
	for _, at := range []key{userKey(u.ID), memberKey(u)} {
		steps = append(steps, types.TransactWriteItem{Delete: &types.Delete{
			TableName: &s.table, Key: at.item(),
			ConditionExpression: new("attribute_not_exists(pk) OR attribute_exists(removed_at)"),
		}})
	}
	return steps
}

// changeUser reads a member, changes it, and writes both rows if the member is unchanged since the
// read.
func (s *Store) changeUser(
	ctx context.Context, orgID, userID string,
	write func(identity.User, []types.TransactWriteItem) error, change func(*identity.User),
) (identity.User, error) {
	for range s.tries(ctx) {
		before, err := s.Member(ctx, orgID, userID)
		if err != nil {
			return identity.User{}, err
		}
		after := before
		change(&after)
		err = write(after, s.userSteps(before, after))
		switch {
		case err == nil:
			return after, nil
		case unmet(err, 0):
			continue // another change came first
		case unmet(err, 2):
			return identity.User{}, fault.New(fault.Conflict, "An organisation must keep at least one owner")
		}
		return identity.User{}, err
	}
	return identity.User{}, contended("The member")
}

func (s *Store) userSteps(before, after identity.User) []types.TransactWriteItem {
	update, values := "SET #role = :role", item{":role": str(string(after.Role)), ":before": str(string(before.Role))}
	if !after.RemovedAt.IsZero() {
		update += ", removed_at = :at"
		values[":at"] = str(stamp(after.RemovedAt))
	}
	var steps []types.TransactWriteItem
	for _, at := range []key{userKey(before.ID), memberKey(before)} {
		steps = append(steps, types.TransactWriteItem{Update: &types.Update{
			TableName: &s.table, Key: at.item(), UpdateExpression: &update,
			ConditionExpression:       new("#role = :before AND attribute_not_exists(removed_at)"),
			ExpressionAttributeNames:  map[string]string{"#role": "role"},
			ExpressionAttributeValues: values,
		}})
	}
	switch was, is := owns(before), owns(after); {
	case was && !is:
		steps = append(steps, s.countOwner(before.OrgID, -1))
	case !was && is:
		steps = append(steps, s.countOwner(before.OrgID, 1))
	}
	return steps
}

func owns(u identity.User) bool { return u.Role == identity.Owner && u.RemovedAt.IsZero() }
