package local

import (
	"context"
	"encoding/json"
	"time"

	"github.com/aws/aws-lambda-go/events"
)

// scheduler fires one schedule by the clock.
type scheduler struct {
	Schedule
	invoke invoker
	log    *logger
	now    func() time.Time
	wait   func(ctx context.Context, d time.Duration)
}

// run fires until ctx ends. A firing that takes longer than the interval
// delays the next one; it is not made up for.
func (s *scheduler) run(ctx context.Context) {
	for {
		due := s.timetable.next(s.now())
		if due.IsZero() {
			return
		}
		s.wait(ctx, due.Sub(s.now()))
		if ctx.Err() != nil {
			return
		}
		if _, err := s.invoke(ctx, s.Function, s.Event(due)); err != nil && ctx.Err() == nil {
			s.log.printf("%s failed on its schedule %s: %v", s.Function, s.Expression, err)
		}
	}
}

// Event is the payload of a firing at the given time: the schedule's Input, or
// what EventBridge sends.
func (s Schedule) Event(at time.Time) []byte {
	if s.Input != "" {
		return []byte(s.Input)
	}
	e := events.CloudWatchEvent{
		Version:    "0",
		ID:         newID(),
		DetailType: "Scheduled Event",
		Source:     s.source,
		AccountID:  account,
		Time:       at.UTC().Truncate(time.Second),
		Region:     region,
		Resources:  []string{"arn:aws:events:" + region + ":" + account + ":rule/" + s.Name},
		Detail:     json.RawMessage(`{}`),
	}
	if s.source == "aws.scheduler" {
		e.Resources = []string{"arn:aws:scheduler:" + region + ":" + account + ":schedule/default/" + s.Name}
		e.Detail = json.RawMessage(`"{}"`)
	}
	payload, _ := json.Marshal(e) // its fields always can be
	return payload
}
