package dynamo

import (
	"fmt"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/quintet-agents/quintet/shared/ledger"
)

// accountItem writes an account. Open turns are a map from turn to hold: one
// item then tells what is free, what is held and by whom.
func accountItem(a ledger.Account) item {
	at := accountKey(a.OrgID)
	open := &types.AttributeValueMemberM{Value: item{}}
	for id, hold := range a.Open {
		open.Value[id] = num(hold)
	}
	return item{
		"pk": str(at.pk), "sk": str(at.sk), "org_id": str(a.OrgID),
		"available": num(a.Available), "open": open,
		"hold": num(a.Hold), "metered": &types.AttributeValueMemberBOOL{Value: a.Metered},
		"price_turn": num(a.Prices.PerTurn), "price_input": num(a.Prices.PerInput1K), "price_output": num(a.Prices.PerOutput1K),
		"limit_rate": num(a.Limits.RatePerMinute), "limit_key_rate": num(a.Limits.KeyRatePerMinute), "limit_turns": num(a.Limits.MaxConcurrentTurns),
	}
}

func accountOf(it item) ledger.Account {
	a := ledger.Account{
		OrgID: text(it["org_id"]), Available: credits(it["available"]), Open: map[string]ledger.Credits{},
		Hold: credits(it["hold"]),
		Prices: ledger.Prices{
			PerTurn: credits(it["price_turn"]), PerInput1K: credits(it["price_input"]), PerOutput1K: credits(it["price_output"]),
		},
		Limits: ledger.Limits{
			RatePerMinute: int(integer(it["limit_rate"])), KeyRatePerMinute: int(integer(it["limit_key_rate"])),
			MaxConcurrentTurns: int(integer(it["limit_turns"])),
		},
	}
	if m, ok := it["metered"].(*types.AttributeValueMemberBOOL); ok {
		a.Metered = m.Value
	}
	if !a.Metered {
		a.Prices = ledger.Prices{}
	}
	if open, ok := it["open"].(*types.AttributeValueMemberM); ok {
		for id, hold := range open.Value {
			a.Open[id] = credits(hold)
		}
	}
	return a
}

// windowOf returns what an account item has counted in the minute of now.
func windowOf(it item, keyID string, now time.Time) ledger.Window {
	minute := minuteOf(now)
	return ledger.Window{
		Org:  int(integer(it[orgWindow(minute)])),
		Key:  int(integer(it[keyWindow(minute, keyID)])),
		Ends: time.Unix((minute+1)*60, 0).Sub(now),
	}
}

// staleWindows names the counters of minutes that are over.
func staleWindows(it item, now time.Time) []string {
	var names []string
	for name := range it {
		// The minute before is kept: another process's clock may be behind.
		if minute, ok := windowMinute(name); ok && minute < minuteOf(now)-1 {
			names = append(names, name)
		}
	}
	return names
}

func text(v types.AttributeValue) string {
	if s, ok := v.(*types.AttributeValueMemberS); ok {
		return s.Value
	}
	return ""
}

func integer(v types.AttributeValue) int64 {
	if n, ok := v.(*types.AttributeValueMemberN); ok {
		i, err := strconv.ParseInt(n.Value, 10, 64)
		if err == nil {
			return i
		}
	}
	return 0
}

func credits(v types.AttributeValue) ledger.Credits { return ledger.Credits(integer(v)) }

// maxStale bounds how many counters of past minutes one write drops: an
// expression has its limits, and the next write drops the rest.
const maxStale = 50

// dropStale adds the stale counters to an update that ends with REMOVE.
func dropStale(update string, names map[string]string, stale []string) string {
	for i, name := range stale[:min(len(stale), maxStale)] {
		placeholder := fmt.Sprintf("#stale%d", i)
		names[placeholder] = name
		update += ", " + placeholder
	}
	return update
}
