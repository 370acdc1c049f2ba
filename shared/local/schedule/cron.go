package schedule

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// cron is a cron expression in EventBridge's form: minutes hours day-of-month month
// day-of-week year.
type cron struct {
	minute, hour, month, year set
	day                       func(time.Time) bool
	zone                      *time.Location
}

type set map[int]bool

const lastYear = 2199 // EventBridge's last year

func parseCron(args string, zone *time.Location) (Timetable, error) {
	fields := strings.Fields(args)
	if len(fields) != 6 {
		return nil, fmt.Errorf("cron needs six fields, it has %d", len(fields))
	}
	c := cron{zone: zone}
	for _, f := range []struct {
		target   *set
		text     string
		min, max int
		names    string
	}{
		{&c.minute, fields[0], 0, 59, ""},
		{&c.hour, fields[1], 0, 23, ""},
		{&c.month, fields[3], 1, 12, months},
		{&c.year, fields[5], 1970, lastYear, ""},
	} {
		var err error
		if *f.target, err = parseField(f.text, f.min, f.max, f.names); err != nil {
			return nil, err
		}
	}
	var err error
	c.day, err = parseDay(fields[2], fields[4])
	return c, err
}

// Next advances the largest unit that does not match first, and smaller units later.
func (c cron) Next(t time.Time) time.Time {
	t = t.In(c.zone).Truncate(time.Minute).Add(time.Minute)
	for t.Year() <= lastYear {
		year, month, day := t.Date()
		switch {
		case !c.year[year]:
			t = time.Date(year+1, 1, 1, 0, 0, 0, 0, c.zone)
		case !c.month[int(month)]:
			t = time.Date(year, month+1, 1, 0, 0, 0, 0, c.zone)
		case !c.day(t):
			t = time.Date(year, month, day+1, 0, 0, 0, 0, c.zone)
		case !c.hour[t.Hour()]:
			t = t.Truncate(time.Minute).Add(time.Duration(60-t.Minute()) * time.Minute)
		case !c.minute[t.Minute()]:
			t = t.Add(time.Minute)
		default:
			return t
		}
	}
	return time.Time{}
}

const (
	months   = "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC"
	weekdays = "SUN MON TUE WED THU FRI SAT"
)

// parseField reads a comma-separated list of values, ranges and steps.
func parseField(text string, low, high int, names string) (set, error) {
	values := set{}
	for item := range strings.SplitSeq(text, ",") {
		span, stepText, stepped := strings.Cut(item, "/")
		first, last, step := low, high, 1
		if span != "*" {
			from, to, isRange := strings.Cut(span, "-")
			var err error
			if first, err = parseValue(from, low, high, names); err != nil {
				return nil, err
			}
			switch {
			case isRange:
				if last, err = parseValue(to, low, high, names); err != nil {
					return nil, err
				}
			case !stepped:
				last = first
			}
		}
		if stepped {
			var err error
			if step, err = strconv.Atoi(stepText); err != nil || step < 1 {
				return nil, fmt.Errorf("the step in %q is not a positive number", item)
			}
		}
		if first > last {
			return nil, fmt.Errorf("the range %q runs backwards", item)
		}
		for v := first; v <= last; v += step {
			values[v] = true
		}
	}
	return values, nil
}

// parseValue reads a number or a name. The first of names has the value low.
func parseValue(text string, low, high int, names string) (int, error) {
	for i, name := range strings.Fields(names) {
		if strings.EqualFold(name, text) {
			return low + i, nil
		}
	}
	value, err := strconv.Atoi(text)
	if err != nil || value < low || value > high {
		return 0, fmt.Errorf("%q is not between %d and %d", text, low, high)
	}
	return value, nil
}
