package dynamo

import (
	"context"
	"math/rand/v2"
	"sync"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"golang.org/x/sync/errgroup"

	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/ledger"
	"github.com/quintet-agents/quintet/shared/turn"
)

// An item takes 1,000 writes a second. The account of an org with more turns
// than that allows is kept in parts: each is an account in small, with credits
// and limits of its own, and a turn is open on one of them. Parts lend each
// other credits, in transactions, so that no turn is refused while there are
// enough anywhere.

// maxPulls bounds how often credits that were pulled together are taken by
// another turn first.
const maxPulls = 5

// admitAnywhere opens a turn on whichever part of an account has room, tried in
// a random order. One that lacks nothing but credits borrows them.
func (s *Store) admitAnywhere(ctx context.Context, a turn.Admission, shards int) (ledger.Hold, error) {
	var (
		parts   []item
		wave    sync.WaitGroup
		refusal error
	)
	if a.Balance {
		wave.Go(func() { parts = s.partsForShow(ctx, a.OrgID, shards) })
	}
	defer wave.Wait()
	poor := -1
	for _, shard := range rand.Perm(shards) {
		hold, err := s.admitOn(ctx, a, shard)
		switch {
		case err == nil:
			wave.Wait()
			hold.Elsewhere = availableElsewhere(parts, shard)
			return hold, nil
		case fault.Is(err, fault.InsufficientCredits):
			poor = shard
		case fault.Is(err, fault.RateLimited), fault.Is(err, fault.LimitReached):
			refusal = sooner(refusal, err)
		default:
			return ledger.Hold{}, err
		}
	}
	if poor < 0 {
		return ledger.Hold{}, refusal
	}
	for range maxPulls {
		held, err := s.pull(ctx, a.OrgID, poor, shards, 0)
		if err != nil {
			return ledger.Hold{}, err
		}
		hold, err := s.admitOn(ctx, a, poor)
		if err == nil {
			hold.Elsewhere = held - hold.Amount - hold.Account.Available
		}
		if err == nil || !fault.Is(err, fault.InsufficientCredits) {
			return hold, err
		}
		refusal = err
	}
	return ledger.Hold{}, refusal
}

// sooner returns which of two refusals passes first; the first may be none.
func sooner(one, other error) error {
	if one != nil && fault.From(one).RetryAfter <= fault.From(other).RetryAfter {
		return one
	}
	return other
}

// partsForShow reads the parts of an account to show what is available. They may
// be a moment behind; where they cannot be read, there are none.
func (s *Store) partsForShow(ctx context.Context, orgID string, shards int) []item {
	parts, err := s.shardItems(ctx, orgID, shards, false)
	if err != nil {
		return nil
	}
	return parts
}

// availableElsewhere returns what is available on all parts but one.
func availableElsewhere(parts []item, not int) (sum ledger.Credits) {
	for i, it := range parts {
		if i != not {
			sum += credits(it["available"])
		}
	}
	return sum
}

// shardItems reads the parts of an account side by side.
func (s *Store) shardItems(ctx context.Context, orgID string, shards int, consistent bool) ([]item, error) {
	parts := make([]item, shards)
	wave, ctx := errgroup.WithContext(ctx)
	for i := range parts {
		wave.Go(func() error {
			out, err := s.db.GetItem(ctx, &dynamodb.GetItemInput{TableName: &s.table, Key: shardKey(orgID, i).item(), ConsistentRead: &consistent})
			if err == nil {
				parts[i] = out.Item
			}
			return err
		})
	}
	return parts, wave.Wait()
}

// pull moves credits to a part until it has what is needed, a turn's hold if
// that is 0, and returns what all parts have together. If that is less than is
// needed, it is NoCredits and nothing is moved for it.
func (s *Store) pull(ctx context.Context, orgID string, to, shards int, need ledger.Credits) (ledger.Credits, error) {
	for {
		parts, err := s.shardItems(ctx, orgID, shards, true)
		if err != nil {
			return 0, err
		}
		if now := accountOf(parts[0]).Shards; now > shards {
			shards = now // it has grown
			continue
		}
		var total ledger.Credits
		rich := -1
		for i, it := range parts {
			has := credits(it["available"])
			total += has
			if i != to && (rich < 0 || has > credits(parts[rich]["available"])) {
				rich = i
			}
		}
		want := need
		if want == 0 {
			want = credits(parts[to]["hold"])
		}
		missing := want - credits(parts[to]["available"])
		switch {
		case total < want:
			return total, ledger.NoCredits(total, "No credits available: "+total.String()+" left, a turn holds "+want.String())
		case missing <= 0:
			return total, nil
		}
		// Half of what there is, so that the next turns need not ask again.
		has := credits(parts[rich]["available"])
		err = s.lend(ctx, orgID, rich, to, min(has, max(missing, has/2)))
		if err != nil && !unmet(err, 0) {
			return total, err
		}
	}
}

// lend moves credits from one part of an account to another.
func (s *Store) lend(ctx context.Context, orgID string, from, to int, amount ledger.Credits) error {
	move := func(shard int, condition, update string) types.TransactWriteItem {
		return types.TransactWriteItem{Update: &types.Update{
			TableName: &s.table, Key: shardKey(orgID, shard).item(), UpdateExpression: &update, ConditionExpression: &condition,
			ExpressionAttributeValues: item{":amount": num(amount)},
		}}
	}
	return s.write(ctx, []types.TransactWriteItem{
		move(from, "available >= :amount", "SET available = available - :amount"),
		move(to, ifExists, "SET available = available + :amount"),
	})
}
