package source

import (
	"context"
	"encoding/json"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/google/uuid"

	"github.com/quintet-agents/quintet/shared/local/arn"
	"github.com/quintet-agents/quintet/shared/local/logs"
	"github.com/quintet-agents/quintet/shared/local/sam"
)

// Scheduler invokes a function at the times of a schedule.
type Scheduler struct {
	sam.Schedule
	invoke invoker
	log    *logs.Logger
	now    func() time.Time
	wait   func(ctx context.Context, d time.Duration)
}

// NewScheduler returns the scheduler of a schedule.
func NewScheduler(schedule sam.Schedule, invoke invoker, log *logs.Logger) *Scheduler {
	return &Scheduler{Schedule: schedule, invoke: invoke, log: log, now: time.Now, wait: sleep}
}

// Run invokes the function until ctx ends. If an invocation takes longer than the interval,
// the times that passed meanwhile are skipped.
func (s *Scheduler) Run(ctx context.Context) {
	for {
		due := s.Timetable.Next(s.now())
		if due.IsZero() {
			return
		}
		s.wait(ctx, due.Sub(s.now()))
		if ctx.Err() != nil {
			return
		}
		if _, err := s.invoke(ctx, s.Function, s.event(due)); err != nil && ctx.Err() == nil {
			s.log.Printf("%s failed on its schedule %s: %v", s.Function, s.Expression, err)
		}
	}
}

// event returns the payload of an invocation at the given time: the schedule's Input, or
// EventBridge's event.
func (s *Scheduler) event(at time.Time) []byte {
	if s.Input != "" {
		return []byte(s.Input)
	}
	e := events.CloudWatchEvent{
		Version:    "0",
		ID:         uuid.NewString(),
		DetailType: "Scheduled Event",
		Source:     s.Source,
		AccountID:  arn.Account,
		Time:       at.UTC().Truncate(time.Second),
		Region:     arn.Region,
		Resources:  []string{"arn:aws:events:" + arn.Region + ":" + arn.Account + ":rule/" + s.Name},
		Detail:     json.RawMessage(`{}`),
	}
	if s.Source == "aws.scheduler" {
		e.Resources = []string{"arn:aws:scheduler:" + arn.Region + ":" + arn.Account + ":schedule/default/" + s.Name}
		e.Detail = json.RawMessage(`"{}"`)
	}
	payload, _ := json.Marshal(e) // cannot fail for this type
	return payload
}
