package dynamo

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/quintet-agents/quintet/shared/ledger"
	"github.com/quintet-agents/quintet/shared/turn"
)

// A rate window is a map in the account item: how many requests it has counted
// and when it ends. Whether one is under way or a new one has to begin is
// nothing that a single update could decide, so each is written for a guess
// that its condition holds.

// guess tells which of the windows that an admission counts in are under way.
type guess struct{ org, key bool }

// guessWindows goes by what this process has seen of the windows last.
func (s *Store) guessWindows(a turn.Admission, shard int) guess {
	live := func(window string) bool { return s.windows.Of(windowOn(a.OrgID, shard, window)) > a.At.UnixMilli() }
	return guess{org: live(orgWindow), key: live(keyWindow(a.KeyID))}
}

// learnWindows remembers the windows of an account item, and returns what a
// guess should have been.
func (s *Store) learnWindows(a turn.Admission, shard int, it item) guess {
	live := func(window string) bool {
		ends := windowEnds(it[window])
		s.windows.Learn(windowOn(a.OrgID, shard, window), ends)
		return ends > a.At.UnixMilli()
	}
	return guess{org: live(orgWindow), key: live(keyWindow(a.KeyID))}
}

// windowOn names a window of a part of an account among all that are remembered.
func windowOn(orgID string, shard int, window string) string {
	at := shardKey(orgID, shard)
	return at.pk + "#" + at.sk + "#" + window
}

// count returns how an update counts a request in the window #name, or begins it
// as :name, and the condition on which it may: the guess is right, and the limit
// is not reached.
func count(name, limit string, live bool) (set, condition string) {
	window := "#" + name
	if live {
		return window + ".requests = " + window + ".requests + :one",
			window + ".ends > :now AND " + window + ".requests < " + limit
	}
	return window + " = :" + name, "NOT " + window + ".ends > :now AND " + limit + " > :none"
}

// newWindow is a window that an admission begins.
func newWindow(a turn.Admission) types.AttributeValue {
	return &types.AttributeValueMemberM{Value: item{
		"requests": num(1), "ends": num(a.At.Add(ledger.RateWindow).UnixMilli()),
	}}
}

// windowEnds returns when a window ends, in milliseconds; 0 if it is none.
func windowEnds(v types.AttributeValue) int64 { return integer(members(v)["ends"]) }

// windowOf returns a window as a request meets it. If it is over, the request
// would begin another.
func windowOf(it item, window string, now time.Time) ledger.Window {
	ends := windowEnds(it[window])
	if ends <= now.UnixMilli() {
		return ledger.Window{Ends: ledger.RateWindow}
	}
	return ledger.Window{Requests: int(integer(members(it[window])["requests"])), Ends: time.UnixMilli(ends).Sub(now)}
}
