package dynamo

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/quintet-agents/quintet/shared/identity"
)

// UpdateOrg applies a patch, which must not be empty, and returns the org as it
// then is.
func (s *Store) UpdateOrg(ctx context.Context, orgID string, p identity.OrgPatch) (identity.Org, error) {
	org, err := s.Org(ctx, orgID)
	if err != nil {
		return identity.Org{}, err
	}
	var sets, removes []string
	u := &types.Update{TableName: &s.table, Key: orgKey(orgID).item(), ConditionExpression: new(ifExists)}
	if p.Name != nil {
		org.Name = *p.Name
		sets = append(sets, "#name = :name")
		u.ExpressionAttributeNames = map[string]string{"#name": "name"}
		u.ExpressionAttributeValues = item{":name": str(org.Name)}
	}
	switch {
	case p.AllowedOrigins == nil:
	case *p.AllowedOrigins == nil:
		org.AllowedOrigins = nil
		removes = append(removes, "allowed_origins")
	default:
		org.AllowedOrigins = *p.AllowedOrigins
		sets = append(sets, "allowed_origins = :origins")
		if u.ExpressionAttributeValues == nil {
			u.ExpressionAttributeValues = item{}
		}
		u.ExpressionAttributeValues[":origins"] = strs(org.AllowedOrigins)
	}
	var parts []string
	if len(sets) > 0 {
		parts = append(parts, "SET "+strings.Join(sets, ", "))
	}
	if len(removes) > 0 {
		parts = append(parts, "REMOVE "+strings.Join(removes, ", "))
	}
	u.UpdateExpression = new(strings.Join(parts, " "))
	steps := []types.TransactWriteItem{{Update: u}}
	if p.Name != nil {
		steps = append(steps, s.renameListed(org))
	}
	err = s.commit(ctx, org, steps)
	if unmet(err, 0) {
		return identity.Org{}, errNoOrg
	}
	return org, err
}

// renameListed keeps the list of all orgs up to date, which shows their names.
func (s *Store) renameListed(o identity.Org) types.TransactWriteItem {
	return types.TransactWriteItem{Update: &types.Update{
		TableName: &s.table, Key: key{orgsPK, o.ID}.item(), ConditionExpression: new(ifExists),
		UpdateExpression:          new("SET #name = :name"),
		ExpressionAttributeNames:  map[string]string{"#name": "name"},
		ExpressionAttributeValues: item{":name": str(o.Name)},
	}}
}
