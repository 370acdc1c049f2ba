package dynamo

import (
	"strings"
	"time"

	"github.com/quintet-agents/quintet/shared/ledger"
)

// The account row carries its counters as attributes. Those of a month are named
// after it and need no reset: a new month starts with a new name.

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

// monthName is the name of a month in counters: 2026_11.
func monthName(t time.Time) string { return t.UTC().Format("2006_01") }

// monthMessages counts the messages of a month: those of turns under way too,
// so that no burst gets past a cap.
func monthMessages(kind ledger.Kind, t time.Time) string {
	return "messages_" + kindName(kind) + "_" + monthName(t)
}

// monthTokens counts the tokens of a month's settled turns.
func monthTokens(kind ledger.Kind, t time.Time) string {
	return "tokens_" + kindName(kind) + "_" + monthName(t)
}

// kindName makes of the zero kind what it is: hosted.
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

// openName is a turn's name among those under way. It carries the kind, which
// whoever releases the turn must know.
func openName(kind ledger.Kind, turnID string) string {
	if kind == ledger.OwnKey {
		return ownMark + turnID
	}
	return turnID
}

const ownMark = "own:"

// openTurn reads what openName wrote.
func openTurn(name string) (kind ledger.Kind, turnID string) {
	if id, ok := strings.CutPrefix(name, ownMark); ok {
		return ledger.OwnKey, id
	}
	return ledger.Hosted, name
}
