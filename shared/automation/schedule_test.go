package automation_test

import (
	"testing"
	"time"

	"github.com/quintet-agents/quintet/shared/automation"
)

func TestNextDue(t *testing.T) {
	for _, test := range []struct {
		name    string
		trigger automation.Trigger
		after   string
		want    string // empty: none
	}{
		{"a webhook", automation.Trigger{Type: automation.Webhook, Path: "orders-1"}, "2026-11-30T08:00:00Z", ""},
		{"no trigger", automation.Trigger{}, "2026-11-30T08:00:00Z", ""},
		{"cron in UTC", automation.Trigger{Type: automation.Schedule, Cron: "0 9 * * *"}, "2026-11-30T08:00:00Z", "2026-11-30T09:00:00Z"},
		{
			"cron in a zone",
			automation.Trigger{Type: automation.Schedule, Cron: "0 9 * * MON-FRI", Timezone: "Europe/Berlin"},
			"2026-11-27T08:00:00Z", "2026-11-30T08:00:00Z",
		},
		{"an interval", automation.Trigger{Type: automation.Schedule, EveryMinutes: 90}, "2026-11-30T08:00:07Z", "2026-11-30T09:30:07Z"},
		{
			"an interval over a change of clocks",
			automation.Trigger{Type: automation.Schedule, EveryMinutes: 24 * 60},
			"2026-03-28T08:00:00Z", "2026-03-29T08:00:00Z",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := automation.NextDue(test.trigger, instant(t, test.after))
			want := time.Time{}
			if test.want != "" {
				want = instant(t, test.want)
			}
			if err != nil || !got.Equal(want) || got.Location() != time.UTC {
				t.Errorf("got %v, %v, want %v", got, err, want)
			}
		})
	}
	for name, bad := range map[string]automation.Trigger{
		"expression": {Type: automation.Schedule, Cron: "0 9 * *"},
		"zone":       {Type: automation.Schedule, Cron: "0 9 * * *", Timezone: "Europe/Atlantis"},
	} {
		if got, err := automation.NextDue(bad, time.Now()); err == nil {
			t.Errorf("wrong %s: got %v, want an error", name, got)
		}
	}
}

func instant(t *testing.T, text string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return at.UTC()
}
