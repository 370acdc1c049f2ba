package dynamo

import (
	"strings"
	"time"

	"github.com/quintet-agents/quintet/shared/ledger"
)

// The account row has its counters as attributes. The names of monthly counters contain the
// month, so they need no reset.

const (
	windowPrefix = "rate_"
	orgWindow    = windowPrefix + "org"
	orgLimit     = "limit_rate"
	keyLimit     = "limit_key_rate"
	waitingLimit = "limit_waiting"
	waitingTurns = "waiting" // jobs that were accepted and have not ended
)

func keyWindow(keyID string) string { return windowPrefix + "key_" + keyID }

func isWindow(name string) bool { return strings.HasPrefix(name, windowPrefix) }

// monthName returns the name of a month in counters: 2026_11.
func monthName(t time.Time) string { return t.UTC().Format("2006_01") }

// monthMessages returns the counter of a month's messages. It includes open turns, so that a
// burst cannot exceed a cap.
func monthMessages(kind ledger.Kind, t time.Time) string {
	return "messages_" + kindName(kind) + "_" + monthName(t)
}

// monthTokens returns the counter of the tokens of a month's settled turns.
func monthTokens(kind ledger.Kind, t time.Time) string {
	return "tokens_" + kindName(kind) + "_" + monthName(t)
}

// kindName returns the kind, and hosted for the zero kind.
func kindName(kind ledger.Kind) string {
	if kind == ledger.OwnKey {
		return string(ledger.OwnKey)
	}
	return string(ledger.Hosted)
}

// counterMonth returns the month that a counter's name ends with.
func counterMonth(name string) (month string, ok bool) {
	if !strings.HasPrefix(name, "messages_") && !strings.HasPrefix(name, "tokens_") || len(name) < len("2006_01") {
		return "", false
	}
	return name[len(name)-len("2006_01"):], true
}

// openName returns a turn's name in the map of open turns. It contains the kind, which the
// release of the turn needs.
func openName(kind ledger.Kind, turnID string) string {
	if kind == ledger.OwnKey {
		return ownMark + turnID
	}
	return turnID
}

const ownMark = "own:"

// openTurn parses a name of openName.
func openTurn(name string) (kind ledger.Kind, turnID string) {
	if id, ok := strings.CutPrefix(name, ownMark); ok {
		return ledger.OwnKey, id
	}
	return ledger.Hosted, name
}
