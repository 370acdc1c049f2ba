// Package cron finds the instants of cron expressions in a time zone, across changes of its
// clock. Expressions have five fields: the minute, the hour, the day of the month, the month
// and the day of the week, each with *, lists, ranges, steps and names such as MON and JAN.
// If both fields of days are restricted, a day matches that matches one of them.
//
// A clock that is put back repeats local times: a fixed hour matches at the first occurrence
// only, and with * as the hour, the expression goes on as real time does. A clock that is put
// forward skips local times: a skipped time matches at the first instant after the gap.
package cron

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Expression is a parsed cron expression.
type Expression struct {
	minutes, hours, days, months, weekdays uint64 // sets of bits
	everyHour                              bool   // the hour is *
	anyDay, anyWeekday                     bool   // the field begins with *
}

// field is one of the five fields.
type field struct {
	name        string
	least, most int
	names       string // of the values from least on, three letters each
}

var fields = [5]field{
	{"minute", 0, 59, ""},
	{"hour", 0, 23, ""},
	{"day of the month", 1, 31, ""},
	{"month", 1, 12, "janfebmaraprmayjunjulaugsepoctnovdec"},
	{"day of the week", 0, 7, "sunmontuewedthufrisat"}, // 0 and 7 are Sunday
}

// Parse parses an expression. An expression that no day matches is an error, too.
func Parse(text string) (Expression, error) {
	parts := strings.Fields(text)
	if len(parts) != len(fields) {
		return Expression{}, fmt.Errorf("it has %d", len(parts))
	}
	var sets [5]uint64
	for i, part := range parts {
		set, err := fields[i].parse(part)
		if err != nil {
			return Expression{}, fmt.Errorf("the %s %q %w", fields[i].name, part, err)
		}
		sets[i] = set
	}
	e := Expression{
		minutes: sets[0], hours: sets[1], days: sets[2], months: sets[3], weekdays: sets[4] | sets[4]>>7&1,
		everyHour: parts[1] == "*", anyDay: strings.HasPrefix(parts[2], "*"), anyWeekday: strings.HasPrefix(parts[4], "*"),
	}
	if e.Next(time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)).IsZero() {
		return Expression{}, fmt.Errorf("no month has such a day")
	}
	return e, nil
}

func (f field) parse(text string) (set uint64, err error) {
	for item := range strings.SplitSeq(text, ",") {
		span, by, stepped := strings.Cut(item, "/")
		low, high, ranged := strings.Cut(span, "-")
		from, to, step := f.least, f.most, 1
		if span != "*" {
			if from, err = f.value(low); err != nil {
				return 0, err
			}
			switch {
			case ranged:
				if to, err = f.value(high); err != nil {
					return 0, err
				}
			case !stepped:
				to = from
			}
		}
		if stepped {
			if step, err = strconv.Atoi(by); err != nil || step < 1 || step > f.most {
				return 0, fmt.Errorf("has a wrong step")
			}
		}
		if from > to {
			return 0, fmt.Errorf("has a range that ends before it begins")
		}
		for v := from; v <= to; v += step {
			set |= 1 << v
		}
	}
	return set, nil
}

func (f field) value(text string) (int, error) {
	if i := strings.Index(f.names, strings.ToLower(text)); len(text) == 3 && i >= 0 && i%3 == 0 {
		return i/3 + f.least, nil
	}
	v, err := strconv.Atoi(text)
	if err != nil || v < f.least || v > f.most || text[0] == '+' {
		return 0, fmt.Errorf("must be from %d to %d", f.least, f.most)
	}
	return v, nil
}

// longest is the longest time between two matching days, in days: a 29 February on one day of the
// week, such as "29 2 */7", comes after 28 years, and after 40 over the year 2100.
const longest = 41 * 366

// Next returns the first matching instant after t, in t's time zone. It is the zero time if
// there is none.
func (e Expression) Next(t time.Time) time.Time {
	year, month, day := t.Date()
	for i := range longest {
		date := time.Date(year, month, day+i, 0, 0, 0, 0, time.UTC)
		if !e.matches(date) {
			continue
		}
		if next := e.within(date, t); !next.IsZero() {
			return next
		}
	}
	return time.Time{}
}

func (e Expression) matches(date time.Time) bool {
	inDays, inWeek := has(e.days, date.Day()), has(e.weekdays, int(date.Weekday()))
	onDay := inDays && inWeek
	if !e.anyDay && !e.anyWeekday {
		onDay = inDays || inWeek
	}
	return onDay && has(e.months, int(date.Month()))
}

func has(set uint64, value int) bool { return set>>value&1 == 1 }

// within returns the first matching instant after t on a local date, whose numbers are those
// of date.
func (e Expression) within(date, t time.Time) time.Time {
	var next time.Time
	from, to := date.Add(-24*time.Hour).In(t.Location()), date.Add(48*time.Hour).In(t.Location())
	steady := under(date, from).Equal(under(date, to)) // no clock changes on this date
	for hour := range 24 {
		if !has(e.hours, hour) {
			continue
		}
		for minute := range 60 {
			if !has(e.minutes, minute) {
				continue
			}
			wall := date.Add(time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute)
			if steady {
				if at := under(wall, from); at.After(t) {
					return at
				}
				continue
			}
			for _, at := range e.instants(wall, t.Location()) {
				if at.After(t) && (next.IsZero() || at.Before(next)) {
					next = at
				}
			}
		}
	}
	return next
}

// instants returns the instants at which the expression matches a local time, whose numbers
// are those of wall, which is in UTC.
func (e Expression) instants(wall time.Time, zone *time.Location) []time.Time {
	// Clocks change at most once within two days.
	early := under(wall, wall.Add(-24*time.Hour).In(zone))
	late := under(wall, wall.Add(24*time.Hour).In(zone))
	shows := func(at time.Time) bool { return under(wall, at).Equal(at) }
	switch {
	case early.Equal(late):
		return []time.Time{early}
	case !shows(early) && !shows(late): // in a gap
		end, _ := early.ZoneBounds()
		return []time.Time{end}
	case !shows(early):
		return []time.Time{late}
	case shows(late) && e.everyHour:
		return []time.Time{early, late}
	}
	return []time.Time{early}
}

// under returns the instant that a local time has under the offset from UTC of another one.
func under(wall, other time.Time) time.Time {
	_, offset := other.Zone()
	return wall.Add(-time.Duration(offset) * time.Second).In(other.Location())
}

// Zone returns a time zone by its IANA name. The empty name is UTC. A program on a system without
// zones, such as the Lambda runtime, must link package zones.
func Zone(name string) (*time.Location, error) {
	if name == "Local" {
		return nil, fmt.Errorf("no time zone has the name %q", name)
	}
	return time.LoadLocation(name)
}
