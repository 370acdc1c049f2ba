package dynamo

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/quintet-agents/quintet/shared/idempotency"
	"github.com/quintet-agents/quintet/shared/identity"
)

// UpdateOrg applies a patch, which must not be empty, and returns the updated org.
func (s *Store) UpdateOrg(ctx context.Context, once *idempotency.Change, orgID string, p identity.OrgPatch) (identity.Org, error) {
	org, err := s.Org(ctx, orgID)
	if err != nil {
		return identity.Org{}, err
	}
	u := patch{condition: exists()}
	if p.Name != nil {
		org.Name = *p.Name
		u.set("name", str(org.Name))
	}
	switch {
	case p.AllowedOrigins == nil:
	case *p.AllowedOrigins == nil:
		org.AllowedOrigins = nil
		u.remove("allowed_origins")
	default:
		org.AllowedOrigins = *p.AllowedOrigins
		u.set("allowed_origins", strs(org.AllowedOrigins))
	}
	step, err := s.update(orgKey(orgID), u)
	if err != nil {
		return identity.Org{}, err
	}
	steps := []types.TransactWriteItem{{Update: step}}
	if p.Name != nil {
		steps = append(steps, s.renameListed(org))
	}
	err = s.commit(ctx, once, org, steps)
	if unmet(err, 0) {
		return identity.Org{}, identity.ErrNoOrg
	}
	return org, err
}

// renameListed returns the step that updates an org's name in the list of all orgs.
func (s *Store) renameListed(o identity.Org) types.TransactWriteItem {
	return types.TransactWriteItem{Update: &types.Update{
		TableName: &s.table, Key: key{orgsPK, o.ID}.item(), ConditionExpression: new(ifExists),
		UpdateExpression:          new("SET #name = :name"),
		ExpressionAttributeNames:  map[string]string{"#name": "name"},
		ExpressionAttributeValues: item{":name": str(o.Name)},
	}}
}
