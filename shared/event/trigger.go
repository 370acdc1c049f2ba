package event

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/quintet-agents/quintet/shared/delivery"
)

// Trigger is the wish of a published automation to run after events of a type.
type Trigger struct {
	OrgID        string
	AutomationID string
	Event        Type
	AgentID      string    // only events of this agent; empty: of any, or of none
	Since        time.Time // it was published or enabled; earlier events start no runs
}

// Runs starts the runs of automations.
type Runs interface {
	// StartRun starts the run of an automation for an event. A repeated call starts no second
	// one, and a call for an automation that does not want the event any more starts none.
	StartRun(ctx context.Context, t Trigger, e Event) error
}

// Listeners are what an org's events go to.
type Listeners struct {
	Webhooks []delivery.Webhook
	Triggers []Trigger
}

// want reports whether any of the listeners wants any of the events.
func (l Listeners) want(h Happening) bool {
	return h.wantedBy(l.Webhooks) || slices.ContainsFunc(l.Triggers, func(t Trigger) bool { return len(h.starting(t)) > 0 })
}

// starting returns the events that start a run of an automation. Events that a step of an
// automation caused start none: so no automation starts itself again, alone or through others.
func (h Happening) starting(t Trigger) []Event {
	if h.Automatic || h.before(t.Since) {
		return nil
	}
	var all []Event
	for _, e := range h.Events {
		if e.Type == t.Event && (t.AgentID == "" || e.Data.AgentID != nil && strings.EqualFold(*e.Data.AgentID, t.AgentID)) {
			all = append(all, e)
		}
	}
	return all
}

// before reports whether a happening was before a time. The time of the stream's records is
// rounded down to seconds; that of turns is not.
func (h Happening) before(at time.Time) bool {
	if h.At.Equal(h.At.Truncate(rounding)) {
		at = at.Truncate(rounding)
	}
	return h.At.Before(at)
}
