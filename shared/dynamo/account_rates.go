package dynamo

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/quintet-agents/quintet/shared/ledger"
	"github.com/quintet-agents/quintet/shared/turn"
)

// A rate window is a map in the account item: how many requests it has counted
// and when it ends. Whether one is under way, and has counted few, or a new one
// has to begin is nothing that a single update could decide, so each is written
// for a guess that its condition holds.

// phase is what a window is to a request.
type phase int

const (
	fresh phase = iota // it is over, or there is none: the request begins it
	young              // it has counted few, and the request moves its end
	live               // it is under way
)

// stage is the phase of a window, and the limit that makes it so; one that is
// fresh is so with any.
type stage struct {
	phase phase
	limit int
}

// guess tells the stages of the windows that an admission counts in.
type guess struct{ org, key stage }

// sight is a window as this process has seen it last.
type sight struct {
	ends  int64 // in milliseconds
	limit int
	young bool
}

func (s sight) at(now time.Time) stage {
	switch {
	case s.ends <= now.UnixMilli():
		return stage{}
	case s.young:
		return stage{young, s.limit}
	}
	return stage{live, s.limit}
}

func sightOf(it item, window, limit string) sight {
	ends, most := windowEnds(it[window]), int(integer(it[limit]))
	if ends == 0 {
		return sight{}
	}
	return sight{ends: ends, limit: most, young: requestsIn(it[window]) <= ledger.Few(most)}
}

// guessWindows goes by what this process has seen of the windows last.
func (s *Store) guessWindows(a turn.Admission, shard int) guess {
	seen := func(window string) stage { return s.windows.Of(windowOn(a.OrgID, shard, window)).at(a.At) }
	return guess{org: seen(orgWindow), key: seen(keyWindow(a.KeyID))}
}

// learnWindows remembers the windows of an account item, and returns what a
// guess should have been.
func (s *Store) learnWindows(a turn.Admission, shard int, it item) guess {
	learn := func(window, limit string) stage {
		seen := sightOf(it, window, limit)
		s.windows.Learn(windowOn(a.OrgID, shard, window), seen)
		return seen.at(a.At)
	}
	return guess{org: learn(orgWindow, orgLimit), key: learn(keyWindow(a.KeyID), keyLimit)}
}

// windowOn names a window of a part of an account among all that are remembered.
func windowOn(orgID string, shard int, window string) string {
	at := shardKey(orgID, shard)
	return at.pk + "#" + at.sk + "#" + window
}

// countRequest returns how an update counts a request in its two windows, with a comma
// at the end, and the condition on which it may, which begins with AND. It adds the
// names and values that these use.
func countRequest(a turn.Admission, windows guess, names map[string]string, values item) (set, condition string) {
	values[":now"] = num(a.At.UnixMilli())
	names["#org"], names["#key"] = orgWindow, keyWindow(a.KeyID)
	countOrg, ofOrg := count(a, "org", orgLimit, windows.org, values)
	countKey, ofKey := count(a, "key", keyLimit, windows.key, values)
	return countOrg + ", " + countKey + ", ", " AND " + ofOrg + " AND " + ofKey
}

// count returns how an update counts a request in the window #name, moves its end
// or begins it, and the condition on which it may: the guess is right, and the
// limit is not reached. It adds the values that these name.
func count(a turn.Admission, name, limit string, in stage, values item) (set, condition string) {
	window, ends := "#"+name, num(a.At.Add(ledger.RateWindow).UnixMilli())
	if in.phase == fresh {
		values[":"+name] = &types.AttributeValueMemberM{Value: item{"requests": num(1), "ends": ends}}
		return window + " = :" + name, "NOT " + window + ".ends > :now AND " + limit + " > :none"
	}
	values[":few_"+name], values[":limit_"+name] = num(ledger.Few(in.limit)), num(in.limit)
	set = window + ".requests = " + window + ".requests + :one"
	condition = window + ".ends > :now AND " + limit + " = :limit_" + name + " AND " + window + ".requests "
	if in.phase == live {
		return set, condition + "> :few_" + name + " AND " + window + ".requests < " + limit
	}
	values[":ends"] = ends
	return set + ", " + window + ".ends = :ends", condition + "<= :few_" + name
}

// windowEnds returns when a window ends, in milliseconds; 0 if it is none.
func windowEnds(v types.AttributeValue) int64 { return integer(members(v)["ends"]) }

// requestsIn returns what a window has counted; 0 if it is none.
func requestsIn(v types.AttributeValue) int { return int(integer(members(v)["requests"])) }

// ratesOf returns the windows of an account item that an admission counts in.
func ratesOf(it item, a turn.Admission) ledger.Rates {
	return ledger.Rates{Org: windowOf(it, orgWindow, a.At), Key: windowOf(it, keyWindow(a.KeyID), a.At), Counted: a.Counted}
}

// windowOf returns a window as a request meets it. If it is over, the request
// would begin another.
func windowOf(it item, window string, now time.Time) ledger.Window {
	ends := windowEnds(it[window])
	if ends <= now.UnixMilli() {
		return ledger.Window{Ends: ledger.RateWindow}
	}
	return ledger.Window{Requests: requestsIn(it[window]), Ends: time.UnixMilli(ends).Sub(now)}
}
