package automation_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/quintet-agents/quintet/shared/automation"
	"github.com/quintet-agents/quintet/shared/dynamo/dynamotest"
)

// Schedules run as documented where clocks change, with a sweep each minute.
func TestScheduler_ClockChanges(t *testing.T) {
	table := dynamotest.Open(t)
	org := table.Org(t, 0)
	daily := func(cron, zone string) automation.Trigger {
		return automation.Trigger{Type: automation.Schedule, Cron: cron, Timezone: zone}
	}
	for _, test := range []struct {
		name    string
		trigger automation.Trigger
		from    string // published and first sweep
		want    []string
	}{
		{"forward: a skipped time", daily("30 2 * * *", "Europe/Berlin"), "2026-03-29T00:30:00Z", []string{"2026-03-29T01:00:00Z"}},
		{"back: the first of two", daily("30 2 * * *", "Europe/Berlin"), "2026-10-25T00:00:00Z", []string{"2026-10-25T00:30:00Z"}},
		{
			"back: each half hour", daily("*/30 * * * *", "Europe/Berlin"), "2026-10-25T00:10:00Z",
			[]string{"2026-10-25T00:30:00Z", "2026-10-25T01:00:00Z", "2026-10-25T01:30:00Z", "2026-10-25T02:00:00Z"},
		},
		{"forward in New York", daily("15 2 * * *", "America/New_York"), "2026-03-08T06:30:00Z", []string{"2026-03-08T07:00:00Z"}},
		{"back in New York", daily("15 1 * * *", "America/New_York"), "2026-11-01T05:00:00Z", []string{"2026-11-01T05:15:00Z"}},
		{"forward by half an hour", daily("15 2 * * *", "Australia/Lord_Howe"), "2026-10-03T15:10:00Z", []string{"2026-10-03T15:30:00Z"}},
		{"back by half an hour", daily("45 1 * * *", "Australia/Lord_Howe"), "2026-04-04T14:30:00Z", []string{"2026-04-04T14:45:00Z"}},
		{"forward at midnight", daily("0 0 * * *", "America/Santiago"), "2026-09-06T03:30:00Z", []string{"2026-09-06T04:00:00Z"}},
		{
			"an interval",
			automation.Trigger{Type: automation.Schedule, EveryMinutes: 45},
			"2026-10-25T00:00:00Z",
			[]string{"2026-10-25T00:45:00Z", "2026-10-25T01:30:00Z"},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			from, w := instant(t, test.from), &world{}
			a := published(t, table, org, test.trigger, from)
			for minute := range 125 {
				w.sweep(t, table, from.Add(time.Duration(minute)*time.Minute+17*time.Second))
			}
			if d := cmp.Diff(test.want, instants(t, table, a)); d != "" {
				t.Errorf("runs (-want +got):\n%s", d)
			}
			change(t, table, a, w.now, func(a *automation.Automation) error { a.Due = time.Time{}; return nil })
		})
	}
}
