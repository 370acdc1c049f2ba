package dynamo

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/idempotency"
	"github.com/quintet-agents/quintet/shared/identity"
)

// CreateUser stores a new member of an org. The error is a Conflict if the user is a member of any
// org.
func (s *Store) CreateUser(ctx context.Context, once *idempotency.Change, u identity.User) error {
	steps, err := s.userPuts(u)
	if err != nil {
		return err
	}
	if u.Role == identity.Owner {
		steps = append(steps, s.countOwner(u.OrgID, 1))
	}
	err = s.commit(ctx, once, u, steps)
	if unmet(err, 0) {
		return fault.New(fault.Conflict, "This user is a member already")
	}
	return err
}

// userPuts returns the steps that write a new user's rows, the user's own row first.
func (s *Store) userPuts(u identity.User) ([]types.TransactWriteItem, error) {
	row, listed := userRowsOf(u)
	own, err := s.put(row, ifNew)
	if err != nil {
		return nil, err
	}
	copied, err := s.put(listed, ifNew)
	return []types.TransactWriteItem{own, copied}, err
}

// ConfirmUser stores the answer to a request for an existing member.
func (s *Store) ConfirmUser(ctx context.Context, once *idempotency.Change, u identity.User) error {
	return s.confirm(ctx, once, u)
}

// countOwner returns the step that changes the number of an org's owners. The number never
// decreases to zero.
func (s *Store) countOwner(orgID string, change int) types.TransactWriteItem {
	u := &types.Update{
		TableName: &s.table, Key: orgKey(orgID).item(),
		UpdateExpression:          new("ADD owners :change"),
		ConditionExpression:       new(ifExists),
		ExpressionAttributeValues: item{":change": num(change)},
	}
	if change < 0 {
		u.ConditionExpression = new("owners > :last")
		u.ExpressionAttributeValues[":last"] = num(1)
	}
	return types.TransactWriteItem{Update: u}
}
