package cron_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/quintet-agents/quintet/shared/automation/cron"
	_ "github.com/quintet-agents/quintet/shared/automation/zones"
)

func parse(t interface{ Fatalf(string, ...any) }, text string) cron.Expression {
	e, err := cron.Parse(text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return e
}

func zone(t interface{ Fatalf(string, ...any) }, name string) *time.Location {
	l, err := cron.Zone(name)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return l
}

func TestNext(t *testing.T) {
	for _, test := range []struct {
		name, zone, text, after string
		want                    []string
	}{
		{"every minute", "UTC", "* * * * *", "2026-11-30T10:00:30Z", []string{"2026-11-30T10:01:00Z", "2026-11-30T10:02:00Z"}},
		{"exactly now is over", "UTC", "0 10 * * *", "2026-11-30T10:00:00Z", []string{"2026-12-01T10:00:00Z"}},
		{"weekdays", "Europe/Berlin", "0 9 * * MON-FRI", "2026-11-27T12:00:00Z", []string{"2026-11-30T09:00:00+01:00", "2026-12-01T09:00:00+01:00"}},
		{"Sunday is 0 and 7", "UTC", "0 0 * * 7", "2026-11-30T00:00:00Z", []string{"2026-12-06T00:00:00Z", "2026-12-13T00:00:00Z"}},
		{
			"steps, lists and ranges", "UTC", "5-20/10,50 0,12 * jan,dec *", "2026-11-30T00:00:00Z",
			[]string{"2026-12-01T00:05:00Z", "2026-12-01T00:15:00Z", "2026-12-01T00:50:00Z", "2026-12-01T12:05:00Z"},
		},
		{"a step from a number on", "UTC", "40/15 0 * * *", "2026-11-30T00:00:00Z", []string{"2026-11-30T00:40:00Z", "2026-11-30T00:55:00Z", "2026-12-01T00:40:00Z"}},
		{"one of both kinds of days", "UTC", "0 0 13 * FRI", "2026-11-30T00:00:00Z", []string{"2026-12-04T00:00:00Z", "2026-12-11T00:00:00Z", "2026-12-13T00:00:00Z"}},
		{"a leap day", "UTC", "0 0 29 2 *", "2096-03-01T00:00:00Z", []string{"2104-02-29T00:00:00Z"}},

		{"a day of January on a Sunday", "UTC", "0 0 7 JAN */7", "2035-01-08T00:00:00Z", []string{"2046-01-07T00:00:00Z"}},
		{"a leap day on a Sunday", "UTC", "0 0 29 2 */7", "2088-03-01T00:00:00Z", []string{"2128-02-29T00:00:00Z"}},

		{"forward: a skipped time", "Europe/Berlin", "30 2 * * *", "2026-03-28T12:00:00Z", []string{"2026-03-29T03:00:00+02:00", "2026-03-30T02:30:00+02:00"}},
		{"forward: two skipped times", "Europe/Berlin", "15,45 2 * * *", "2026-03-28T12:00:00Z", []string{"2026-03-29T03:00:00+02:00", "2026-03-30T02:15:00+02:00"}},
		{"forward: skipped midnight", "America/Santiago", "0 0 * * *", "2026-09-05T12:00:00Z", []string{"2026-09-06T01:00:00-03:00", "2026-09-07T00:00:00-03:00"}},
		{"forward: half an hour", "Australia/Lord_Howe", "15 2 * * *", "2026-10-03T00:00:00Z", []string{"2026-10-04T02:30:00+11:00", "2026-10-05T02:15:00+11:00"}},
		{"forward: each half hour", "Europe/Berlin", "*/30 * * * *", "2026-03-29T00:00:00Z", []string{"2026-03-29T01:30:00+01:00", "2026-03-29T03:00:00+02:00", "2026-03-29T03:30:00+02:00"}},
		{"back: the first of two", "Europe/Berlin", "30 2 * * *", "2026-10-24T12:00:00Z", []string{"2026-10-25T02:30:00+02:00", "2026-10-26T02:30:00+01:00"}},
		{"back: after the first", "Europe/Berlin", "30 2 * * *", "2026-10-25T00:45:00Z", []string{"2026-10-26T02:30:00+01:00"}},
		{"back: half an hour", "Australia/Lord_Howe", "45 1 * * *", "2026-04-04T00:00:00Z", []string{"2026-04-05T01:45:00+11:00", "2026-04-06T01:45:00+10:30"}},
		{
			"back: each half hour", "Europe/Berlin", "*/30 * * * *", "2026-10-25T00:00:00Z",
			[]string{"2026-10-25T02:30:00+02:00", "2026-10-25T02:00:00+01:00", "2026-10-25T02:30:00+01:00", "2026-10-25T03:00:00+01:00"},
		},
		{"a day that a zone skipped", "Pacific/Apia", "0 12 * * *", "2011-12-29T23:00:00Z", []string{"2011-12-31T00:00:00+14:00", "2011-12-31T12:00:00+14:00"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			at, err := time.Parse(time.RFC3339, test.after)
			if err != nil {
				t.Fatal(err)
			}
			e, at := parse(t, test.text), at.In(zone(t, test.zone))
			var got []string
			for range test.want {
				at = e.Next(at)
				got = append(got, at.Format(time.RFC3339))
			}
			if d := cmp.Diff(test.want, got); d != "" {
				t.Errorf("%s in %s (-want +got):\n%s", test.text, test.zone, d)
			}
		})
	}
}

func TestParse_Mistakes(t *testing.T) {
	for text, want := range map[string]string{
		"":                    "it has 0",
		"* * * *":             "it has 4",
		"* * * * * *":         "it has 6",
		"@daily":              "it has 1",
		"TZ=UTC * * * * *":    "it has 6",
		"60 * * * *":          `the minute "60" must be from 0 to 59`,
		"* 24 * * *":          `the hour "24" must be from 0 to 23`,
		"* * 0 * *":           `the day of the month "0" must be from 1 to 31`,
		"* * * 13 *":          `the month "13" must be from 1 to 12`,
		"* * * * 8":           `the day of the week "8" must be from 0 to 7`,
		"* * * * anf":         `the day of the week "anf" must be from 0 to 7`,
		"*/0 * * * *":         `the minute "*/0" has a wrong step`,
		"5-1 * * * *":         `the minute "5-1" has a range that ends before it begins`,
		"1,,2 * * * *":        `the minute "1,,2" must be from 0 to 59`,
		"+1 * * * *":          `the minute "+1" must be from 0 to 59`,
		"-1 * * * *":          `the minute "-1" must be from 0 to 59`,
		"0 0 31 2,4,6 *":      "no month has such a day",
		"0 0 L * *":           `the day of the month "L" must be from 1 to 31`,
		"* * * * MON#2":       `the day of the week "MON#2" must be from 0 to 7`,
		"99999999999 * * * *": `the minute "99999999999" must be from 0 to 59`,
	} {
		if _, err := cron.Parse(text); err == nil || err.Error() != want {
			t.Errorf("%q: got %v, want %s", text, err, want)
		}
	}
	for _, name := range []string{"Local", "Europe/Atlantis", "../etc/passwd"} {
		if _, err := cron.Zone(name); err == nil {
			t.Errorf("%q: got a zone, want an error", name)
		}
	}
}

// A fixed time of each day matches once for each local date, in any zone and year.
func TestNext_OncePerDay(t *testing.T) {
	zones := []string{"Europe/Berlin", "America/New_York", "America/Santiago", "Australia/Lord_Howe", "Africa/Casablanca", "Asia/Tehran", "UTC"}
	rapid.Check(t, func(t *rapid.T) {
		l := zone(t, rapid.SampledFrom(zones).Draw(t, "zone"))
		minute, hour := rapid.IntRange(0, 59).Draw(t, "minute"), rapid.IntRange(0, 23).Draw(t, "hour")
		e := parse(t, time.Date(0, 1, 1, hour, minute, 0, 0, time.UTC).Format("4 15 * * *"))
		at := time.Unix(rapid.Int64Range(1_600_000_000, 2_000_000_000).Draw(t, "from"), 0).In(l)
		at = e.Next(at)
		for range 400 {
			next := e.Next(at)
			if got := dayNumber(next) - dayNumber(at); got != 1 || !next.After(at) {
				t.Fatalf("%02d:%02d in %s: got %v after %v, want the next day", hour, minute, l, next, at)
			}
			at = next
		}
	})
}

func dayNumber(t time.Time) int {
	year, month, day := t.Date()
	return int(time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Unix() / 86400)
}

func FuzzParse(f *testing.F) {
	f.Add("*/5 0-6,20 1 JAN SUN")
	f.Fuzz(func(t *testing.T, text string) {
		e, err := cron.Parse(text)
		if err != nil {
			return
		}
		at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
		for range 3 {
			next := e.Next(at)
			if !next.After(at) {
				t.Fatalf("%q: got %v after %v", text, next, at)
			}
			at = next
		}
	})
}
