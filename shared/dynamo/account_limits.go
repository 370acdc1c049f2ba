package dynamo

import (
	"context"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/idempotency"
	"github.com/quintet-agents/quintet/shared/identity"
	"github.com/quintet-agents/quintet/shared/ledger"
)

// ChangeLimits changes an account's prices and limits. It returns the updated account with
// its stored prices, even without metering. The error is NotFound for an unknown org.
func (s *Store) ChangeLimits(ctx context.Context, once *idempotency.Change, orgID string, p ledger.LimitsPatch) (ledger.Account, error) {
	for range s.tries(ctx) {
		out, err := s.db.GetItem(ctx, &dynamodb.GetItemInput{TableName: &s.table, Key: accountKey(orgID).item(), ConsistentRead: new(true)})
		if err != nil {
			return ledger.Account{}, err
		}
		if out.Item == nil {
			return ledger.Account{}, identity.ErrNoOrg
		}
		shards := max(storedAccountOf(out.Item).Shards, 1)
		items, err := s.shardItems(ctx, orgID, shards, true)
		if err != nil {
			return ledger.Account{}, err
		}
		a := together(items)
		// Without metering, accountOf hides the prices. They must be kept.
		a.Prices = storedAccountOf(items[0]).Prices
		if err := p.Apply(&a); err != nil {
			return ledger.Account{}, err
		}
		if a.Shards < shards && shards > 1 {
			return ledger.Account{}, fault.Field("account_shards", "account_shards must be at least %d: the number of parts can only grow", shards)
		}
		steps, err := s.newLimits(a, integer(out.Item["limits_revision"]), shards)
		if err != nil {
			return ledger.Account{}, err
		}
		err = s.commit(ctx, once, a, steps)
		if unmet(err, 0) {
			continue // another change came first
		}
		return a, err
	}
	return ledger.Account{}, contended("The account")
}

// newLimits returns the steps that write an account's limits to each of its parts, on the
// condition that they are unchanged: the first part has a counter of changes. New parts
// begin empty.
func (s *Store) newLimits(a ledger.Account, was int64, shards int) ([]types.TransactWriteItem, error) {
	var steps []types.TransactWriteItem
	for shard := range max(a.Shards, 1) {
		if shard >= shards {
			steps = append(steps, types.TransactWriteItem{Put: &types.Put{TableName: &s.table, Item: shardItem(a, shard), ConditionExpression: new(ifNew)}})
			continue
		}
		u := limitsPatch(a, shard)
		if shard == 0 {
			u.changes = u.changes.Add(attribute("limits_revision"), expression.Value(num(1)))
			u.must(absent("limits_revision").Or(equal("limits_revision", num(was))))
		}
		step, err := s.update(shardKey(a.OrgID, shard), u)
		if err != nil {
			return nil, err
		}
		steps = append(steps, types.TransactWriteItem{Update: step})
	}
	return steps, nil
}

// limitsPatch returns the patch that sets a part's limits and removes absent ones.
func limitsPatch(a ledger.Account, shard int) patch {
	u := patch{condition: exists()}
	limits := limitsItem(a, shard)
	for name, value := range limits {
		u.set(name, value)
	}
	for _, name := range slices.AppendSeq([]string{"model_prices", ownPrices, ownHold}, maps.Keys(caps(&a.Limits))) {
		if limits[name] == nil {
			u.remove(name)
		}
	}
	return u
}
