package dynamo

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/quintet-agents/quintet/shared/ledger"
	"github.com/quintet-agents/quintet/shared/turn"
)

// A rate window is a map in the account item with its number of requests and its end. An
// update expression cannot decide whether a window is open, has counted few requests, or must
// begin. So each update is written for a guess, and its condition checks the guess.

// phase is the state of a window when a request arrives.
type phase int

const (
	fresh phase = iota // no window is open: the request begins one
	young              // the window has counted few requests: the request moves its end
	live               // the window is open and its end is fixed
)

// stage is the phase of a window, and the limit on which the phase depends. The phase fresh
// depends on no limit.
type stage struct {
	phase phase
	limit int
}

// guess has the assumed stages of the two windows that count an admission.
type guess struct{ org, key stage }

// sight is the last state of a window that this process has seen.
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

// guessWindows guesses the stages from the windows that this process has seen last.
func (s *Store) guessWindows(a turn.Admission, shard int) guess {
	seen := func(window string) stage { return s.windows.Of(windowOn(a.OrgID, shard, window)).at(a.At) }
	return guess{org: seen(orgWindow), key: seen(keyWindow(a.KeyID))}
}

// learnWindows caches the windows of an account item, and returns the right guess.
func (s *Store) learnWindows(a turn.Admission, shard int, it item) guess {
	learn := func(window, limit string) stage {
		seen := sightOf(it, window, limit)
		s.windows.Learn(windowOn(a.OrgID, shard, window), seen)
		return seen.at(a.At)
	}
	return guess{org: learn(orgWindow, orgLimit), key: learn(keyWindow(a.KeyID), keyLimit)}
}

// windowOn returns the cache key of a window of an account's part.
func windowOn(orgID string, shard int, window string) string {
	at := shardKey(orgID, shard)
	return at.pk + "#" + at.sk + "#" + window
}

// countRequest returns the update text that counts a request in its two windows, with a
// trailing comma, and the condition for it, which begins with AND. It adds their names and
// values.
func countRequest(a turn.Admission, windows guess, names map[string]string, values item) (set, condition string) {
	values[":now"] = num(a.At.UnixMilli())
	names["#org"], names["#key"] = orgWindow, keyWindow(a.KeyID)
	countOrg, ofOrg := count(a, "org", orgLimit, windows.org, values)
	countKey, ofKey := count(a, "key", keyLimit, windows.key, values)
	return countOrg + ", " + countKey + ", ", " AND " + ofOrg + " AND " + ofKey
}

// count returns the update text that counts a request in the window #name and moves its end
// or begins it, and the condition for it: the guess is right and the limit is not reached. It
// adds their values.
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

// windowEnds returns the end of a window in milliseconds, or 0 without a window.
func windowEnds(v types.AttributeValue) int64 { return integer(members(v)["ends"]) }

// requestsIn returns the number of requests in a window, or 0 without a window.
func requestsIn(v types.AttributeValue) int { return int(integer(members(v)["requests"])) }

// ratesOf returns the windows of an account item that count an admission.
func ratesOf(it item, a turn.Admission) ledger.Rates {
	return ledger.Rates{Org: windowOf(it, orgWindow, a.At), Key: windowOf(it, keyWindow(a.KeyID), a.At), Counted: a.Counted}
}

// windowOf returns the state of a window for a request at now. If the window is over, the
// result is a new, empty window.
func windowOf(it item, window string, now time.Time) ledger.Window {
	ends := windowEnds(it[window])
	if ends <= now.UnixMilli() {
		return ledger.Window{Ends: ledger.RateWindow}
	}
	return ledger.Window{Requests: requestsIn(it[window]), Ends: time.UnixMilli(ends).Sub(now)}
}
