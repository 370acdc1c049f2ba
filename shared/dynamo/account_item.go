package dynamo

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/quintet-agents/quintet/shared/ledger"
)

// shardItem returns the item of a part of a new account. Open turns are a map from turn to
// hold, so the one item shows available and held credits, and the turns that hold them. The
// first part has all credits; the others borrow when they need some.
func shardItem(a ledger.Account, shard int) item {
	at := shardKey(a.OrgID, shard)
	if shard > 0 {
		a.Available, a.Open = 0, nil
	}
	open := &types.AttributeValueMemberM{Value: item{}}
	for name, hold := range a.Open {
		open.Value[name] = num(hold)
	}
	it := item{
		"pk": str(at.pk), "sk": str(at.sk), "org_id": str(a.OrgID), "available": num(a.Available), "open": open,
	}
	maps.Copy(it, limitsItem(a, shard))
	return it
}

// limitsItem returns the attributes that an operator sets: the prices and a part's limits. An
// absent attribute means no cap.
func limitsItem(a ledger.Account, shard int) item {
	a.Limits = ledger.ShardLimits(a.Limits, shard, a.Shards)
	it := item{
		"hold": num(a.Hold), "metered": boolean(a.Metered),
		"price_turn": num(a.Prices.PerTurn), "price_input": num(a.Prices.PerInput1K), "price_output": num(a.Prices.PerOutput1K),
		orgLimit: num(a.Limits.RatePerMinute), keyLimit: num(a.Limits.KeyRatePerMinute), "limit_turns": num(a.Limits.MaxConcurrentTurns),
		waitingLimit: num(a.Limits.MaxWaitingTurns),
	}
	for name, most := range caps(&a.Limits) {
		if *most != 0 {
			it[name] = num(max(*most, 0))
		}
	}
	if a.Shards > 1 {
		it["shards"] = num(a.Shards)
	}
	if len(a.ModelPrices) > 0 {
		prices := item{}
		for model, p := range a.ModelPrices {
			prices[model] = pricesItem(p)
		}
		it["model_prices"] = &types.AttributeValueMemberM{Value: prices}
	}
	if a.OwnPrices != (ledger.Prices{}) {
		it[ownPrices], it[ownHold] = pricesItem(a.OwnPrices), num(a.HoldOf(ledger.OwnKey))
	}
	return it
}

// The attributes of turns on own providers. An account without prices for them has neither.
const (
	ownPrices = "own_prices"
	ownHold   = "own_hold"
)

func pricesItem(p ledger.Prices) *types.AttributeValueMemberM {
	return &types.AttributeValueMemberM{Value: item{"turn": num(p.PerTurn), "input": num(p.PerInput1K), "output": num(p.PerOutput1K)}}
}

func pricesOf(v types.AttributeValue) ledger.Prices {
	m := members(v)
	return ledger.Prices{PerTurn: credits(m["turn"]), PerInput1K: credits(m["input"]), PerOutput1K: credits(m["output"])}
}

// caps returns the monthly caps by attribute name.
func caps(l *ledger.Limits) map[string]*int {
	return map[string]*int{
		"cap_messages_hosted": &l.MonthlyMessagesHosted, "cap_messages_own": &l.MonthlyMessagesOwn, "cap_tokens_hosted": &l.MonthlyTokensHosted,
	}
}

// accountOf reads an account for turns. Without metering, all prices are 0.
func accountOf(it item) ledger.Account {
	a := storedAccountOf(it)
	if !a.Metered {
		a.Prices = ledger.Prices{}
	}
	return a
}

// storedAccountOf reads an account with its stored prices, metered or not.
func storedAccountOf(it item) ledger.Account {
	a := ledger.Account{
		OrgID: text(it["org_id"]), Available: credits(it["available"]), Open: map[string]ledger.Credits{},
		Hold: credits(it["hold"]), Shards: int(integer(it["shards"])), Waiting: int(integer(it[waitingTurns])),
		Prices: ledger.Prices{
			PerTurn: credits(it["price_turn"]), PerInput1K: credits(it["price_input"]), PerOutput1K: credits(it["price_output"]),
		},
		Limits: ledger.Limits{
			RatePerMinute: int(integer(it[orgLimit])), KeyRatePerMinute: int(integer(it[keyLimit])),
			MaxConcurrentTurns: int(integer(it["limit_turns"])), MaxWaitingTurns: int(integer(it[waitingLimit])),
		},
	}
	for name, most := range caps(&a.Limits) {
		if *most = int(integer(it[name])); it[name] != nil && *most == 0 {
			*most = -1 // see ledger.ShardLimits
		}
	}
	if m, ok := it["metered"].(*types.AttributeValueMemberBOOL); ok {
		a.Metered = m.Value
	}
	for model, p := range members(it["model_prices"]) {
		if a.ModelPrices == nil {
			a.ModelPrices = map[string]ledger.Prices{}
		}
		a.ModelPrices[model] = pricesOf(p)
	}
	a.OwnPrices = pricesOf(it[ownPrices])
	for name, hold := range members(it["open"]) {
		a.Open[name] = credits(hold)
	}
	return a
}

// monthOf returns an account's usage in the month of now.
func monthOf(it item, kind ledger.Kind, now time.Time) ledger.Month {
	year, month, _ := now.UTC().Date()
	return ledger.Month{
		Kind:     kind,
		Messages: int(integer(it[monthMessages(kind, now)])),
		Tokens:   int(integer(it[monthTokens(ledger.Hosted, now)])),
		Ends:     time.Date(year, month+1, 1, 0, 0, 0, 0, time.UTC).Sub(now),
	}
}

// windowKept is the time for which a rate window is kept after its end, and a fence after its
// last move, because another process's clock may be behind.
const windowKept = time.Minute

// staleCounters returns the names of counters and fences that are no longer needed. Last
// month's counters are kept, because a turn that began in its last minute still counts there.
func staleCounters(it item, now time.Time) []string {
	year, thisMonth, _ := now.UTC().Date()
	lastMonth := monthName(time.Date(year, thisMonth-1, 1, 0, 0, 0, 0, time.UTC))
	over := now.Add(-windowKept)
	var names []string
	for name, value := range it {
		month, ofMonth := counterMonth(name)
		if isWindow(name) && windowEnds(value) <= over.UnixMilli() || isFence(name) && integer(value) <= over.UnixMicro() ||
			ofMonth && month < lastMonth {
			names = append(names, name)
		}
	}
	return names
}

// maxStale bounds the number of counters that one write drops, because expressions are
// limited. The next write drops the rest.
const maxStale = 50

// dropStale adds the removal of stale counters to an update that ends with REMOVE. It returns
// texts to append to the update and to its condition: windows and fences keep their names, so
// the condition checks that they are not in use again. Names that the update already uses are
// left out.
func (s *Store) dropStale(names map[string]string, values item, stale []string) (removes, condition string) {
	over := s.now().Add(-windowKept)
	used := slices.Collect(maps.Values(names))
	for i, name := range stale[:min(len(stale), maxStale)] {
		if slices.Contains(used, name) {
			continue
		}
		placeholder := fmt.Sprintf("#stale%d", i)
		names[placeholder] = name
		removes += ", " + placeholder
		switch {
		case isWindow(name):
			values[":over"] = num(over.UnixMilli())
			condition += " AND NOT " + placeholder + ".ends > :over"
		case isFence(name):
			values[":passed"] = num(over.UnixMicro())
			condition += " AND NOT " + placeholder + " > :passed"
		}
	}
	return removes, condition
}
