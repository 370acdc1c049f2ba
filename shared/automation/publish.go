package automation

import (
	"context"
	"maps"
	"time"

	"github.com/quintet-agents/quintet/shared/agent"
	"github.com/quintet-agents/quintet/shared/connection"
	"github.com/quintet-agents/quintet/shared/fault"
)

// Publish makes the draft what runs, as the next version. Drafts may change afterwards.
func (a *Automation) Publish(now time.Time) error {
	before, version := a.Live(), 1
	if a.Published != nil {
		version = a.Published.Version + 1
	}
	a.Published = &Published{
		Draft: Draft{Definition: a.Draft.Definition, Secrets: maps.Clone(a.Draft.Secrets)}, Version: version, At: now,
	}
	return a.schedule(before, now)
}

// Disable stops triggers from starting runs, or lets them.
func (a *Automation) Disable(off bool, now time.Time) error {
	before := a.Live()
	a.Disabled = off
	return a.schedule(before, now)
}

// schedule sets the time of the next run. A schedule that is as before keeps its time.
func (a *Automation) schedule(before Trigger, now time.Time) error {
	live := a.Live()
	if live.Type != Schedule {
		a.Due = time.Time{}
		return nil
	}
	if before == live && !a.Due.IsZero() {
		return nil
	}
	due, err := NextDue(live, now)
	a.Due = due
	return err
}

// Directory has what the steps of a definition name.
type Directory interface {
	agent.Reader

	// Connection returns a connection of an org, or connection.ErrNotFound.
	Connection(ctx context.Context, orgID, id string) (connection.Connection, error)
}

// CheckNames returns an Invalid error with its place for an agent or a connection of an org that
// a definition names and that does not exist or cannot do what its step wants.
func (d Definition) CheckNames(ctx context.Context, dir Directory, orgID string) error {
	if id := d.Trigger.AgentID; id != "" {
		if _, err := findAgent(ctx, dir, orgID, "trigger.agent_id", id); err != nil {
			return err
		}
	}
	for path, s := range d.All() {
		var err error
		switch s.Type {
		case Agent:
			err = checkAgent(ctx, dir, orgID, path+".agent_id", s.AgentID)
		case SendTemplate, SendMessage:
			err = checkConnection(ctx, dir, orgID, path+".connection_id", s)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func findAgent(ctx context.Context, dir Directory, orgID, at, id string) (agent.Live, error) {
	live, err := agent.Find(ctx, dir, orgID, id)
	switch {
	case fault.Is(err, fault.NotFound):
		return live, fault.Rule(at, "must be the id of an agent")
	case err == nil && live.AgentID != id:
		return live, fault.Rule(at, "must be the id of the agent, "+live.AgentID+", and not its slug")
	}
	return live, err
}

func checkAgent(ctx context.Context, dir Directory, orgID, at, id string) error {
	live, err := findAgent(ctx, dir, orgID, at, id)
	if err == nil && live.Deployed == nil {
		return fault.Rule(at, "must be the id of an agent with a deployed version")
	}
	return err
}

func checkConnection(ctx context.Context, dir Directory, orgID, at string, s Step) error {
	c, err := dir.Connection(ctx, orgID, s.ConnectionID)
	switch {
	case fault.Is(err, fault.NotFound):
		return fault.Rule(at, "must be the id of a connection")
	case err != nil:
		return err
	case s.Type == SendTemplate && c.Channel != connection.WhatsApp:
		return fault.Rule(at, "must be the id of a WhatsApp connection, because only WhatsApp has templates")
	case c.Disabled:
		return fault.Rule(at, "must be the id of a connection that is not disabled")
	}
	return nil
}
