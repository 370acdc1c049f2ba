package dynamo

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/ledger"
)

// ChangeTerms changes an account's prices and limits, and returns the account as
// it then stands, with the prices that metering hides while it is off. An
// unknown org is NotFound.
func (s *Store) ChangeTerms(ctx context.Context, orgID string, p ledger.LimitsPatch) (ledger.Account, error) {
	for range tries(ctx) {
		out, err := s.db.GetItem(ctx, &dynamodb.GetItemInput{TableName: &s.table, Key: accountKey(orgID).item(), ConsistentRead: new(true)})
		if err != nil {
			return ledger.Account{}, err
		}
		if out.Item == nil {
			return ledger.Account{}, errNoOrg
		}
		shards := max(termsOf(out.Item).Shards, 1)
		items, err := s.shardItems(ctx, orgID, shards, true)
		if err != nil {
			return ledger.Account{}, err
		}
		a := together(items)
		// What metering hides while it is off is still there when it is on again.
		a.Prices = termsOf(items[0]).Prices
		if err := p.Apply(&a); err != nil {
			return ledger.Account{}, err
		}
		if a.Shards < shards && shards > 1 {
			return ledger.Account{}, fault.Field("account_shards", "account_shards can only grow: there are %d", shards)
		}
		err = s.commit(ctx, a, s.newLimits(a, integer(out.Item["limits_revision"]), shards))
		if unmet(err, 0) {
			continue // somebody else was first
		}
		return a, err
	}
	return ledger.Account{}, contended("The account")
}

// newLimits returns the steps that write an account's limits to each of its parts,
// if they are still the ones that were read: the first part counts the changes.
// Parts that are new begin empty.
func (s *Store) newLimits(a ledger.Account, was int64, shards int) []types.TransactWriteItem {
	first := s.setLimits(a, 0)
	first.UpdateExpression = new(*first.UpdateExpression + " ADD limits_revision :one")
	first.ExpressionAttributeValues[":one"], first.ExpressionAttributeValues[":was"] = num(1), num(was)
	first.ConditionExpression = new(ifExists + " AND (attribute_not_exists(limits_revision) OR limits_revision = :was)")
	steps := []types.TransactWriteItem{{Update: first}}
	for shard := 1; shard < a.Shards; shard++ {
		if shard < shards {
			steps = append(steps, types.TransactWriteItem{Update: s.setLimits(a, shard)})
			continue
		}
		steps = append(steps, types.TransactWriteItem{Put: &types.Put{TableName: &s.table, Item: shardItem(a, shard), ConditionExpression: new(ifNew)}})
	}
	return steps
}

// setLimits returns the step that writes a part's limits.
func (s *Store) setLimits(a ledger.Account, shard int) *types.Update {
	var sets, removes []string
	names, values := map[string]string{}, item{}
	limits := limitsItem(a, shard)
	for name, value := range limits {
		sets = append(sets, "#"+name+" = :"+name)
		names["#"+name], values[":"+name] = name, value
	}
	for _, name := range slices.AppendSeq([]string{"model_prices"}, maps.Keys(caps(&a.Limits))) {
		if limits[name] == nil {
			removes = append(removes, "#"+name)
			names["#"+name] = name
		}
	}
	update := "SET " + strings.Join(sets, ", ")
	if len(removes) > 0 {
		update += " REMOVE " + strings.Join(removes, ", ")
	}
	return &types.Update{
		TableName: &s.table, Key: shardKey(a.OrgID, shard).item(), UpdateExpression: &update,
		ConditionExpression: new(ifExists), ExpressionAttributeNames: names, ExpressionAttributeValues: values,
	}
}
