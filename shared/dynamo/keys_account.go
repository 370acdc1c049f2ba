package dynamo

import (
	"fmt"
	"strconv"
	"strings"
	"time"
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

func monthTurns(t time.Time) string  { return "turns_" + t.UTC().Format("2006_01") }
func monthTokens(t time.Time) string { return "tokens_" + t.UTC().Format("2006_01") }
