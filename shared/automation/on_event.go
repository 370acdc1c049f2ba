package automation

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/quintet-agents/quintet/shared/event"
	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/work"
)

// MaxTrigger bounds the event that started a run, in bytes of its JSON. Package hook bounds requests.
const MaxTrigger = 256 << 10

// Starts keeps automations and their runs.
type Starts interface {
	// Automation returns an automation, ErrNotFound, or ErrUnreadable.
	Automation(ctx context.Context, orgID, id string) (Automation, error)

	// CreateRun stores a run that has not begun. It reports false if there is one with its id.
	CreateRun(ctx context.Context, r Run) (bool, error)
}

// Starter starts runs for events. It implements event.Runs.
type Starter struct {
	Store   Starts
	Workers work.Queue
	Now     func() time.Time
}

// StartRun starts the run of an automation for an event. A repeated call starts no second one. An
// automation that does not want the event any more, or cannot be read, has no run.
func (s *Starter) StartRun(ctx context.Context, t event.Trigger, e event.Event) error {
	a, err := s.Store.Automation(ctx, t.OrgID, t.AutomationID)
	switch {
	case fault.Is(err, fault.NotFound):
		return nil
	case errors.Is(err, ErrUnreadable): // no retry helps, and the event's other listeners must not wait
		slog.ErrorContext(ctx, "an event started no run of an automation", "org_id", t.OrgID, "automation_id", t.AutomationID, "event_id", e.ID, "error", err)
		return nil
	case err != nil:
		return err
	}
	if is := a.Live(); is.Type != OnEvent || is.Event != e.Type || !strings.EqualFold(is.AgentID, t.AgentID) {
		return nil
	}
	trigger, err := ofEvent(e)
	if err != nil {
		return err
	}
	r := a.Start(RunID(e.At, a.ID, e.ID), ByEvent, trigger, s.Now())
	if _, err := s.Store.CreateRun(ctx, r); err != nil {
		return err
	}
	// A repetition wakes a worker, too: the first call may have been killed before it did.
	if err := s.Workers.Send(ctx, work.Message{Body: r.Ref}); err != nil {
		slog.WarnContext(ctx, "no worker was woken for the run of an event; the sweep will wake one", "org_id", r.OrgID, "run_id", r.ID, "error", err)
	}
	return nil
}

// ofEvent returns what templates see as trigger: the event as webhooks receive it. The text of a
// message that is too long for a run is cut.
func ofEvent(e event.Event) (json.RawMessage, error) {
	for {
		body, err := e.Body()
		trigger := slices.Concat([]byte(`{"event":`), body, []byte(`}`))
		if err != nil || len(trigger) <= MaxTrigger || e.Data.Message == nil {
			return trigger, err
		}
		m := *e.Data.Message
		m.Content, m.Cut = strings.ToValidUTF8(m.Content[:len(m.Content)/2], ""), true
		e.Data.Message = &m
	}
}
