package automation

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/work"
)

// Schedules keeps automations whose runs a schedule starts.
type Schedules interface {
	// DueAutomations passes the automations that are due by a time to each, page by page, the
	// ones that have waited longest first. It may pass some whose due time has moved on.
	DueAutomations(ctx context.Context, until time.Time, each func([]Ref) error) error

	// Automation returns an automation, ErrNotFound, or ErrUnreadable.
	Automation(ctx context.Context, orgID, id string) (Automation, error)

	// StartDue stores the run of an automation's due time, and moves the due time on to next, in
	// one transaction. It reports false if the automation is not the one that was read.
	StartDue(ctx context.Context, a Automation, r Run, next time.Time) (bool, error)
}

// Scheduler starts the runs of schedules.
type Scheduler struct {
	Store   Schedules
	Workers work.Queue
	Now     func() time.Time
}

const (
	// dueAtOnce is how many automations are looked at concurrently. Those of all orgs share one
	// index: thousands of them that are due at nine o'clock must not take the whole minute.
	dueAtOnce = 16

	// duePage is how many automations are looked at before workers are woken for their runs.
	duePage = 160

	// maxDue bounds the runs that one sweep starts for an automation, and the retries after
	// concurrent changes of it.
	maxDue = 20
)

// Sweep starts the runs that are due by a time, or by now, if that is later: Lambda keeps the
// invocations of an outage and makes them afterwards, and a schedule then starts one run and not
// one for each. Sweep may run concurrently with itself, and be killed at any point: each due time
// has one run. An automation that cannot be started does not stop the others.
func (s *Scheduler) Sweep(ctx context.Context, at time.Time) error {
	if now := s.Now(); now.After(at) {
		at = now
	}
	var failures []error
	err := s.Store.DueAutomations(ctx, at, func(page []Ref) error {
		for some := range slices.Chunk(page, duePage) {
			if err := ctx.Err(); err != nil {
				return err // the next sweep goes on
			}
			failures = append(failures, s.startAll(ctx, some, at)...)
		}
		return nil
	})
	return errors.Join(append(failures, err)...)
}

// startAll starts the runs of some automations and wakes workers for them.
func (s *Scheduler) startAll(ctx context.Context, some []Ref, at time.Time) (failures []error) {
	var (
		all      errgroup.Group
		mu       sync.Mutex
		messages []work.Message
	)
	all.SetLimit(dueAtOnce)
	for _, ref := range some {
		all.Go(func() error {
			started, err := s.start(ctx, ref, at)
			mu.Lock()
			defer mu.Unlock()
			messages = append(messages, started...)
			switch {
			case errors.Is(err, ErrUnreadable): // no retry helps
				slog.ErrorContext(ctx, "a schedule starts no runs until its automation is repaired", "org_id", ref.OrgID, "automation_id", ref.AutomationID, "error", err)
			case err != nil:
				failures = append(failures, fmt.Errorf("schedule of automation %s of org %s: %w", ref.AutomationID, ref.OrgID, err))
			}
			return nil
		})
	}
	_ = all.Wait() // failures has the errors
	if len(messages) == 0 {
		return failures
	}
	if err := s.Workers.Send(ctx, messages...); err != nil {
		slog.WarnContext(ctx, "no worker was woken for runs of schedules; the sweep will wake one", "runs", len(messages), "error", err)
	}
	return failures
}

// start starts the runs of one automation until none is due, and returns their messages.
func (s *Scheduler) start(ctx context.Context, ref Ref, at time.Time) (started []work.Message, err error) {
	for range maxDue {
		a, err := s.Store.Automation(ctx, ref.OrgID, ref.AutomationID)
		if fault.Is(err, fault.NotFound) {
			return started, nil // the index is late
		}
		if err != nil {
			return started, err
		}
		if a.Due.IsZero() || a.Due.After(at) || a.Live().Type != Schedule {
			return started, nil
		}
		next, err := a.Published.Trigger.dueAfter(a.Due, at)
		if err != nil {
			return started, fmt.Errorf("%w: %w", ErrUnreadable, err)
		}
		r, err := a.scheduled(s.Now())
		if err != nil {
			return started, err
		}
		moved, err := s.Store.StartDue(ctx, a, r, next)
		if err != nil {
			return started, err
		}
		if moved {
			started = append(started, work.Message{Body: r.Ref})
			if next.After(at) {
				return started, nil
			}
		}
	}
	return started, nil // the next sweep goes on
}

// scheduled returns the run of an automation's due time.
func (a Automation) scheduled(now time.Time) (Run, error) {
	at, zone := a.Due.UTC().Format(time.RFC3339), a.Published.Trigger.Timezone
	if zone == "" {
		zone = "UTC"
	}
	trigger, err := json.Marshal(map[string]any{"schedule": map[string]string{"at": at, "timezone": zone}})
	return a.Start(RunID(a.Due, a.ID, "schedule "+at), BySchedule, trigger, now), err
}
