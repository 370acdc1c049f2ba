package source

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"github.com/quintet-agents/quintet/shared/local/logs"
	"github.com/quintet-agents/quintet/shared/local/sam"
	"github.com/quintet-agents/quintet/shared/local/schedule"
)

func TestScheduler_Fires(t *testing.T) {
	clock := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	table, err := schedule.Parse("rate(1 hour)", time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	var fired []time.Time
	s := &Scheduler{
		Schedule: sam.Schedule{Function: "f", Name: "Hourly", Timetable: table, Source: "aws.events"},
		log:      logs.New(nil),
		now:      func() time.Time { return clock },
		wait:     func(_ context.Context, d time.Duration) { clock = clock.Add(d) },
		invoke: func(_ context.Context, function string, payload []byte) ([]byte, error) {
			var event events.CloudWatchEvent
			if err := json.Unmarshal(payload, &event); err != nil || function != "f" || event.DetailType != "Scheduled Event" {
				t.Errorf("%s: got %s (%v), want a Scheduled Event for f", function, payload, err)
			}
			if fired = append(fired, event.Time); len(fired) == 3 {
				cancel()
			}
			return nil, nil
		},
	}
	s.Run(ctx)
	for i, at := range fired {
		if want := time.Date(2026, 1, 1, i+1, 0, 0, 0, time.UTC); !at.Equal(want) {
			t.Errorf("got it fired at %v, want %v", at, want)
		}
	}
	s.Input = `{"own":true}`
	if got := string(s.event(clock)); got != s.Input {
		t.Errorf("got event %s, want the input %s", got, s.Input)
	}
}
