package schedule

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// parseDay reads the two day fields, one of which must be "?".
func parseDay(ofMonth, ofWeek string) (func(time.Time) bool, error) {
	if (ofMonth == "?") == (ofWeek == "?") {
		return nil, fmt.Errorf("either the day of the month or the day of the week must be ?, and only one")
	}
	if ofWeek == "?" {
		return parseDayOfMonth(ofMonth)
	}
	return parseDayOfWeek(ofWeek)
}

// parseDayOfMonth also supports L, the last day, and 15W, the weekday nearest to the 15th.
func parseDayOfMonth(text string) (func(time.Time) bool, error) {
	if text == "L" {
		return func(t time.Time) bool { return t.Day() == daysIn(t) }, nil
	}
	if number, ok := strings.CutSuffix(text, "W"); ok {
		day, err := parseValue(number, 1, 31, "")
		return func(t time.Time) bool { return t.Day() == nearestWeekday(t, day) }, err
	}
	days, err := parseField(text, 1, 31, "")
	return func(t time.Time) bool { return days[t.Day()] }, err
}

// parseDayOfWeek also supports 6L, the last Friday, and 2#1, the first Monday.
func parseDayOfWeek(text string) (func(time.Time) bool, error) {
	if text == "L" {
		text = "7" // L alone is Saturday
	}
	if name, ok := strings.CutSuffix(text, "L"); ok {
		day, err := parseValue(name, 1, 7, weekdays)
		return func(t time.Time) bool { return weekday(t) == day && t.Day()+7 > daysIn(t) }, err
	}
	if name, number, ok := strings.Cut(text, "#"); ok {
		day, err := parseValue(name, 1, 7, weekdays)
		if err != nil {
			return nil, err
		}
		nth, err := strconv.Atoi(number)
		if err != nil || nth < 1 || nth > 5 {
			return nil, fmt.Errorf("%q is not between 1 and 5", number)
		}
		return func(t time.Time) bool { return weekday(t) == day && (t.Day()-1)/7+1 == nth }, nil
	}
	days, err := parseField(text, 1, 7, weekdays)
	return func(t time.Time) bool { return days[weekday(t)] }, err
}

// weekday returns EventBridge's number of a weekday, from 1 for Sunday.
func weekday(t time.Time) int { return int(t.Weekday()) + 1 }

func daysIn(t time.Time) int {
	return time.Date(t.Year(), t.Month()+1, 0, 0, 0, 0, 0, time.UTC).Day()
}

// nearestWeekday returns the weekday nearest to a day of t's month, in the same month.
func nearestWeekday(t time.Time, day int) int {
	last := daysIn(t)
	if day > last {
		return 0
	}
	switch time.Date(t.Year(), t.Month(), day, 0, 0, 0, 0, time.UTC).Weekday() {
	case time.Saturday:
		if day == 1 {
			return 3
		}
		return day - 1
	case time.Sunday:
		if day == last {
			return day - 2
		}
		return day + 1
	}
	return day
}
