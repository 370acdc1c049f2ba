package dynamo

import (
	"context"
	"fmt"
	"maps"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/quintet-agents/quintet/shared/ledger"
)

// Account returns an org's current account.
func (s *Store) Account(ctx context.Context, orgID string) (ledger.Account, error) {
	items, err := s.allParts(ctx, orgID)
	if err != nil {
		return ledger.Account{}, err
	}
	return together(items), nil
}

// allParts reads all parts of an account. Most accounts have one.
func (s *Store) allParts(ctx context.Context, orgID string) ([]item, error) {
	out, err := s.db.GetItem(ctx, &dynamodb.GetItemInput{TableName: &s.table, Key: accountKey(orgID).item(), ConsistentRead: new(true)})
	if err != nil {
		return nil, err
	}
	if out.Item == nil {
		return nil, fmt.Errorf("org %s has no account", orgID)
	}
	if shards := accountOf(out.Item).Shards; shards > 1 {
		return s.shardItems(ctx, orgID, shards, true)
	}
	return []item{out.Item}, nil
}

// together returns the account that consists of the parts.
func together(items []item) ledger.Account {
	whole := accountOf(items[0])
	for _, it := range items[1:] {
		part := accountOf(it)
		whole.Available += part.Available
		whole.Waiting += part.Waiting
		maps.Copy(whole.Open, part.Open)
		addLimits(&whole.Limits, part.Limits)
	}
	return whole
}

func addLimits(whole *ledger.Limits, part ledger.Limits) {
	whole.RatePerMinute += part.RatePerMinute
	whole.KeyRatePerMinute += part.KeyRatePerMinute
	whole.MaxConcurrentTurns += part.MaxConcurrentTurns
	whole.MaxWaitingTurns += part.MaxWaitingTurns
	wholeCaps, partCaps := caps(whole), caps(&part)
	for name, whole := range wholeCaps {
		*whole += max(*partCaps[name], 0) // the first part has the largest share
	}
}
