// Package schedule reads EventBridge's schedule expressions: rate, cron and at.
package schedule

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Timetable has the times at which a schedule runs.
type Timetable interface {
	// Next returns the first time after t, or the zero time for never.
	Next(t time.Time) time.Time
}

// Parse reads an EventBridge schedule expression.
func Parse(expression string, zone *time.Location) (Timetable, error) {
	kind, args, ok := strings.Cut(strings.TrimSuffix(expression, ")"), "(")
	if !ok || !strings.HasSuffix(expression, ")") {
		return nil, fmt.Errorf("%q is not a schedule expression", expression)
	}
	var table Timetable
	var err error
	switch kind {
	case "rate":
		table, err = parseRate(args)
	case "cron":
		table, err = parseCron(args, zone)
	case "at":
		var when time.Time
		when, err = time.ParseInLocation("2006-01-02T15:04:05", args, zone)
		table = once(when)
	default:
		err = fmt.Errorf("it is neither rate, cron nor at")
	}
	if err != nil {
		return nil, fmt.Errorf("schedule expression %q: %w", expression, err)
	}
	return table, nil
}

type rate time.Duration

func (r rate) Next(t time.Time) time.Time { return t.Add(time.Duration(r)) }

func parseRate(args string) (Timetable, error) {
	value, unit, _ := strings.Cut(args, " ")
	count, err := strconv.Atoi(value)
	if err != nil || count < 1 {
		return nil, fmt.Errorf("a rate is a positive number and a unit")
	}
	length, ok := map[string]time.Duration{
		"minute": time.Minute,
		"hour":   time.Hour,
		"day":    24 * time.Hour,
	}[strings.TrimSuffix(unit, "s")]
	// EventBridge requires "1 minute" and "5 minutes".
	if !ok || strings.HasSuffix(unit, "s") != (count != 1) {
		return nil, fmt.Errorf("its unit %q is none of minute, hour, day (for 1) or minutes, hours, days", unit)
	}
	return rate(time.Duration(count) * length), nil
}

type once time.Time

func (o once) Next(t time.Time) time.Time {
	if when := time.Time(o); when.After(t) {
		return when
	}
	return time.Time{}
}
