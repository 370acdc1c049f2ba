package flowgent

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/ledger"
)

func TestReadRange(t *testing.T) {
	now := time.Date(2026, 3, 1, 0, 0, 0, 1, time.UTC) // the month's first moment
	for query, want := range map[string]string{
		"": "2026-02-22 2026-02-28",
		"start_date=2026-02-20&end_date=2026-02-26": "2026-02-20 2026-02-26",
		"start_date=2026-02-27":                     "2026-02-27 2026-02-28",
		"start_date=2026-02-28":                     "2026-02-28 2026-02-28",
		"start_date=2026-01-29&end_date=2026-02-28": "2026-01-29 2026-02-28", // 31 days
		"start_date=2024-02-29&end_date=2024-02-29": "2024-02-29 2024-02-29",
		"x=1": "2026-02-22 2026-02-28",

		"end_date=2026-02-26":                       "Invalid date range: start_date is required when end_date is provided (format: YYYY-MM-DD)",
		"end_date=":                                 "Invalid date range: start_date is required when end_date is provided (format: YYYY-MM-DD)",
		"start_date=":                               "Invalid date format: Dates must be in YYYY-MM-DD format",
		"start_date=2026-02-20&end_date=":           "Invalid date format: Dates must be in YYYY-MM-DD format",
		"start_date=2026-2-20":                      "Invalid date format: Dates must be in YYYY-MM-DD format",
		"start_date=20260220":                       "Invalid date format: Dates must be in YYYY-MM-DD format",
		"start_date=2026-02-20T00:00:00Z":           "Invalid date format: Dates must be in YYYY-MM-DD format",
		"start_date=2026%2F02%2F20":                 "Invalid date format: Dates must be in YYYY-MM-DD format",
		"start_date=2026-02-30&end_date=yesterday":  "Invalid date format: Dates must be in YYYY-MM-DD format", // before the day that is none
		"start_date=2026-02-29":                     "Invalid dates: Provided dates are not valid",
		"start_date=2026-02-01&end_date=2026-13-01": "Invalid dates: Provided dates are not valid",
		"start_date=0000-00-00":                     "Invalid dates: Provided dates are not valid",
		"start_date=2026-02-26&end_date=2026-02-20": "Invalid date range: start_date must not be after end_date",
		"start_date=2026-03-01":                     "Invalid date range: start_date must not be after end_date",
		"start_date=2027-01-01&end_date=2026-12-31": "Invalid date range: start_date must not be after end_date", // before its being in the future
		"start_date=2026-02-20&end_date=2026-03-01": "Invalid end date: end_date cannot be today or in the future. Data is only available up to yesterday.",
		"start_date=2020-01-01&end_date=2027-01-01": "Invalid end date: end_date cannot be today or in the future. Data is only available up to yesterday.",
		"start_date=2026-01-28&end_date=2026-02-28": "Date range too large: Date range cannot exceed 31 days",
		"start_date=2020-01-01":                     "Date range too large: Date range cannot exceed 31 days",
		"start_date=0000-01-01":                     "Date range too large: Date range cannot exceed 31 days", // more than a time.Duration holds
		"start_date=0001-01-01":                     "Date range too large: Date range cannot exceed 31 days", // more than a time.Duration can hold
	} {
		q, err := url.ParseQuery(query)
		if err != nil {
			t.Fatal(err)
		}
		r, err := readRange(q, now)
		got := ledger.Day(r.start) + " " + ledger.Day(r.end)
		if err != nil {
			f := failureOf(fault.From(err))
			got = f.Error + ": " + f.Message
		}
		if got != want {
			t.Errorf("%q: got %s, want %s", query, got, want)
		}
	}
}

// For any range, the days come newest first without a gap, each with only that day's positive charges, and they
// add up to the total.
func TestUsageGet_AnyRange(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		end := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, rapid.IntRange(0, 1200).Draw(t, "end"))
		length := rapid.IntRange(1, 31).Draw(t, "length")
		span := usageRange{start: end.AddDate(0, 0, 1-length), end: end}
		sums := map[string]ledger.Credits{}
		var rows []ledger.UsageRow
		var total ledger.Credits
		for range rapid.IntRange(0, 40).Draw(t, "rows") {
			date := end.AddDate(0, 0, -rapid.IntRange(0, length-1).Draw(t, "ago"))
			charge := ledger.Credits(rapid.Int64Range(-5, 5_000_000).Draw(t, "charge"))
			rows = append(rows, ledger.UsageRow{UsageOf: ledger.UsageOf{Day: ledger.Day(date)}, Usage: ledger.Usage{Charge: charge}})
			if charge > 0 && !date.Before(usageBegan) {
				sums[ledger.Day(date)] += charge
				total += charge
			}
		}
		got := usageOf("a", span, rows)
		want := usageShape{
			AgentID:   "a",
			TimeRange: timeRange{Start: ledger.Day(span.start) + "T00:00:00.000Z", End: ledger.Day(end) + "T23:59:59.999Z"},
			Usage:     usageTotal{TotalCreditsUsed: total.Number()},
		}
		for i := range length {
			name := ledger.Day(end.AddDate(0, 0, -i))
			want.Usage.DailyBreakdown = append(want.Usage.DailyBreakdown, dayShape{Date: name, CreditsUsed: sums[name].Number()})
		}
		if span.start.Before(time.Date(2025, 5, 28, 0, 0, 0, 0, time.UTC)) {
			want.Note = "Endpoint active from 28 May 2025 onwards"
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Fatalf("(-want +got):\n%s", d)
		}
	})
}

// The answer has the documented form of the vendor's example.
func TestUsageGet_DocumentedForm(t *testing.T) {
	r, err := readRange(url.Values{"start_date": {"2025-05-20"}, "end_date": {"2025-05-26"}}, time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	body, err := json.Marshal(usageOf("66a72b17-cb03-4397-ab2a-1eef13847737", r, nil))
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{
		`{"agent_id":"66a72b17-cb03-4397-ab2a-1eef13847737","time_range":{"start":"2025-05-20T00:00:00.000Z","end":"2025-05-26T23:59:59.999Z"},"usage":{"total_credits_used":0,"daily_breakdown":[{"date":"2025-05-26","credits_used":0},{"date":"2025-05-25"`,
		`{"date":"2025-05-20","credits_used":0}]},"note":"Endpoint active from 28 May 2025 onwards"}`,
	} {
		if !strings.Contains(string(body), part) {
			t.Errorf("got %s, want %s in it", body, part)
		}
	}
}

// No query crashes the parser of ranges, and an accepted range is in the past and has at most 31 days.
func FuzzReadRange(f *testing.F) {
	for _, seed := range []string{
		"", "start_date=2026-02-20&end_date=2026-02-26", "start_date=2026-02-30", "end_date=2026-02-01", "start_date=0000-01-01&end_date=9999-12-31",
		"start_date=&end_date=", "start_date=2026-02-20&start_date=x", "start_date=%32026-02-20;", "start_date=٢٠٢٦-٠٢-٢٠",
	} {
		f.Add(seed, int64(1_772_323_200))
	}
	f.Fuzz(func(t *testing.T, query string, now int64) {
		q, err := url.ParseQuery(query)
		if err != nil {
			return // net/http takes what it understands; so does this
		}
		at := time.Unix(now%(1<<36), 0)
		r, err := readRange(q, at)
		if e := fault.From(err); e != nil {
			if e.Code != fault.Invalid || e.Message == "" || e.Field == "" {
				t.Errorf("%q: got error %v, want Invalid with a message and a field", query, err)
			}
			return
		}
		if days := r.days(); days < 1 || days > 31 || !r.end.Before(at) || r.start.Hour() != 0 || r.end.Hour() != 0 {
			t.Errorf("%q: got %v to %v at %v, want 1 to 31 whole days that have begun", query, r.start, r.end, at)
		}
	})
}
