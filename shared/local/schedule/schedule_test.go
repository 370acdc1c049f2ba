package schedule

import (
	"testing"
	"time"
)

func TestSchedule_Next(t *testing.T) {
	const layout = "2006-01-02 15:04:05"
	for _, test := range []struct{ expression, after, next string }{
		{"rate(1 minute)", "2026-01-31 23:59:30", "2026-02-01 00:00:30"},
		{"rate(5 minutes)", "2026-01-01 00:00:00", "2026-01-01 00:05:00"},
		{"rate(2 days)", "2026-01-01 00:00:00", "2026-01-03 00:00:00"},
		{"at(2026-05-05T10:00:00)", "2026-01-01 00:00:00", "2026-05-05 10:00:00"},
		{"at(2026-05-05T10:00:00)", "2026-05-05 10:00:00", ""},
		{"cron(* * * * ? *)", "2026-01-01 00:00:30", "2026-01-01 00:01:00"},
		{"cron(15 10 * * ? *)", "2026-01-01 10:15:00", "2026-01-02 10:15:00"},
		{"cron(0/15 * * * ? *)", "2026-01-01 10:16:00", "2026-01-01 10:30:00"},
		{"cron(5,35 14 * * ? *)", "2026-01-01 14:05:00", "2026-01-01 14:35:00"},
		{"cron(0 18 ? * MON-FRI *)", "2026-01-02 18:00:00", "2026-01-05 18:00:00"},
		{"cron(0 8 1 * ? *)", "2026-01-01 08:00:00", "2026-02-01 08:00:00"},
		{"cron(0 0 L * ? *)", "2026-02-01 00:00:00", "2026-02-28 00:00:00"},
		{"cron(0 0 L * ? *)", "2028-02-01 00:00:00", "2028-02-29 00:00:00"},
		{"cron(0 0 3W * ? *)", "2026-01-01 00:00:00", "2026-01-02 00:00:00"}, // the 3rd is a Saturday
		{"cron(0 0 1W * ? *)", "2026-02-01 00:00:00", "2026-02-02 00:00:00"}, // the 1st is a Sunday
		{"cron(0 0 ? * 2#1 *)", "2026-01-06 00:00:00", "2026-02-02 00:00:00"},
		{"cron(0 0 ? * 6L *)", "2026-01-01 00:00:00", "2026-01-30 00:00:00"},
		{"cron(0 0 ? * L *)", "2026-01-01 00:00:00", "2026-01-03 00:00:00"},
		{"cron(0 12 1 JAN-MAR,DEC ? 2027-2028)", "2026-06-01 00:00:00", "2027-01-01 12:00:00"},
		{"cron(0 12 1 1 ? 2025)", "2026-06-01 00:00:00", ""},
		{"cron(0 0 30 2 ? *)", "2026-06-01 00:00:00", ""},
	} {
		table, err := Parse(test.expression, time.UTC)
		if err != nil {
			t.Errorf("%s: %v", test.expression, err)
			continue
		}
		after, err := time.Parse(layout, test.after)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		if next := table.Next(after); !next.IsZero() {
			got = next.Format(layout)
		}
		if got != test.next {
			t.Errorf("%s after %s: got %q, want %q", test.expression, test.after, got, test.next)
		}
	}
	for _, expression := range []string{
		"", "daily", "rate(1 minutes)", "rate(5 minute)", "rate(0 minutes)", "rate(5 weeks)", "rate(5 minutes", "at(tomorrow)",
		"cron(* * * * *)", "cron(* * * * * *)", "cron(* * ? * ? *)", "cron(60 * * * ? *)", "cron(9-5 * * * ? *)",
		"cron(*/0 * * * ? *)", "cron(0 0 ? * 2#6 *)", "cron(0 0 ? * MOO *)", "cron(0 0 32W * ? *)",
	} {
		if _, err := Parse(expression, time.UTC); err == nil {
			t.Errorf("%q: got no error, want one", expression)
		}
	}
}
