package dynamo

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/quintet-agents/quintet/shared/ledger"
)

// The account row carries its counters as attributes named after their time
// and so needs no reset: a new minute or month starts with a new name.

// minuteOf numbers the minute that t lies in.
func minuteOf(t time.Time) int64 { return t.Unix() / 60 }

func orgWindow(minute int64) string { return fmt.Sprintf("rate_%d", minute) }

func keyWindow(minute int64, keyID string) string { return fmt.Sprintf("rate_%d_%s", minute, keyID) }

// windowMinute returns the minute that a counter's name carries; ok is false
// for any other attribute.
func windowMinute(name string) (minute int64, ok bool) {
	rest, ok := strings.CutPrefix(name, "rate_")
	if !ok {
		return 0, false
	}
	digits, _, _ := strings.Cut(rest, "_")
	minute, err := strconv.ParseInt(digits, 10, 64)
	return minute, err == nil
}

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
