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

// An item allows 1,000 writes a second. The account of an org with more turns is sharded:
// each part is a small account with its own credits and limits, and a turn is open on one
// part. Parts lend each other credits in transactions, so that no turn is refused while any
// part has enough.

// maxPulls bounds the retries of a turn whose borrowed credits another turn takes first.
const maxPulls = 5

// admitAnywhere opens a turn on the first part of an account with room, in a random order. A
// part that lacks only credits borrows them.
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

// sooner returns the refusal with the shorter Retry-After. one may be nil.
func sooner(one, other error) error {
	if one != nil && fault.From(one).RetryAfter <= fault.From(other).RetryAfter {
		return one
	}
	return other
}

// partsForShow reads the parts of an account to show the available credits. The reads are
// eventually consistent. It returns nil if they fail.
func (s *Store) partsForShow(ctx context.Context, orgID string, shards int) []item {
	parts, err := s.shardItems(ctx, orgID, shards, false)
	if err != nil {
		return nil
	}
	return parts
}

// availableElsewhere returns the available credits of all parts but one.
func availableElsewhere(parts []item, not int) (sum ledger.Credits) {
	for i, it := range parts {
		if i != not {
			sum += credits(it["available"])
		}
	}
	return sum
}

// shardItems reads the parts of an account concurrently.
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

// pull moves credits to a part until it has need, or a turn's hold if need is 0. It returns
// the sum of all parts. If that is less than need, the error is NoCredits and nothing moves.
func (s *Store) pull(ctx context.Context, orgID string, to, shards int, need ledger.Credits) (ledger.Credits, error) {
	for {
		parts, err := s.shardItems(ctx, orgID, shards, true)
		if err != nil {
			return 0, err
		}
		if now := accountOf(parts[0]).Shards; now > shards {
			shards = now // parts were added
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
		// Take half of its credits, so that the next turns need not borrow again.
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
