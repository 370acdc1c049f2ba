package event

import (
	"fmt"
	"time"

	"github.com/quintet-agents/quintet/shared/agent"
	"github.com/quintet-agents/quintet/shared/connection"
	"github.com/quintet-agents/quintet/shared/delivery"
	"github.com/quintet-agents/quintet/shared/ledger"
	"github.com/quintet-agents/quintet/shared/turn"
)

// Change is one record of the table's stream. At most one of the fields below At is
// set; none is set if the change causes no event.
type Change struct {
	ID string // of the record; the same on every redelivery
	At time.Time

	Turn       *turn.Turn // the settled turn
	Agent      *Pair[agent.Agent]
	Account    *Pair[ledger.Account]
	Webhook    *Pair[delivery.Webhook]
	Connection *Pair[connection.Connection]
	Run        *EndedRun // that has just ended
}

// Pair is a row before and after a change. Before is nil for a new row, After for a
// removed one.
type Pair[T any] struct{ Before, After *T }

// orgID returns the id of the changed row's org, empty for a change that causes no
// event.
func (c Change) orgID() string {
	switch {
	case c.Turn != nil:
		return c.Turn.OrgID
	case c.Agent != nil:
		return first(c.Agent).OrgID
	case c.Account != nil:
		return first(c.Account).OrgID
	case c.Webhook != nil:
		return first(c.Webhook).OrgID
	case c.Connection != nil:
		return first(c.Connection).OrgID
	case c.Run != nil:
		return c.Run.OrgID
	}
	return ""
}

// first returns the row after the change, or the row before it if it was removed.
func first[T any](p *Pair[T]) T {
	if p.After != nil {
		return *p.After
	}
	if p.Before != nil {
		return *p.Before
	}
	var none T
	return none
}

// Happening returns the events that a change causes; none for most changes.
func (c Change) Happening() Happening {
	switch {
	case c.Turn != nil:
		return ofTurn(*c.Turn)
	case c.Agent != nil:
		return ofAgent(*c.Agent, c.At)
	case c.Account != nil && c.Account.Before != nil && c.Account.After != nil:
		return ofCredits(*c.Account.Before, *c.Account.After, c.ID, c.At)
	case c.Webhook != nil && c.Webhook.Before != nil && c.Webhook.After != nil:
		return ofWebhook(*c.Webhook.Before, *c.Webhook.After, c.ID, c.At)
	case c.Connection != nil && c.Connection.Before != nil && c.Connection.After != nil:
		return ofConnection(*c.Connection.Before, *c.Connection.After, c.At)
	case c.Run != nil:
		return ofRun(*c.Run)
	}
	return Happening{}
}

// ofTurn returns the events of a settled turn: conversation.started for the first turn of
// a thread, message.created for both messages, and turn.completed or turn.failed. A note
// has only the messages.
func ofTurn(t turn.Turn) Happening {
	h := Happening{OrgID: t.OrgID, At: t.SettledAt, Automatic: t.Automatic()}
	data := Data{OrgID: t.OrgID, AgentID: &t.AgentID, ThreadID: t.ThreadID, TurnID: t.ID, Channel: t.Channel}
	add := func(what string, kind Type, at time.Time, d Data) {
		h.Events = append(h.Events, Event{ID: eventID(t.ID, what), Type: kind, At: at, Data: d})
	}
	if t.Starts {
		add("started", ConversationStarted, t.StartedAt, data)
	}
	for _, m := range t.Messages() {
		d := data
		d.Message = &Message{ID: m.ID, Role: string(m.Role), Content: m.Content}
		add(string(m.Role), MessageCreated, m.CreatedAt, d)
	}
	if t.Note {
		return h
	}
	data.Usage = &Usage{InputTokens: t.Usage.Input, OutputTokens: t.Usage.Output, Credits: t.Charge.Number()}
	if t.Interrupted {
		add("failed", TurnFailed, t.SettledAt, data)
	} else {
		add("completed", TurnCompleted, t.SettledAt, data)
	}
	return h
}

func ofAgent(p Pair[agent.Agent], at time.Time) Happening {
	switch before, after := p.Before, p.After; {
	case after == nil:
		return one(before.OrgID, at, Event{
			ID: eventID(before.ID, "deleted"), Type: AgentDeleted, At: at, Data: Data{OrgID: before.OrgID, AgentID: &before.ID},
		})
	case after.Deployed != nil && (before == nil || before.Deployed == nil || before.Deployed.ID != after.Deployed.ID):
		return one(after.OrgID, after.UpdatedAt, Event{
			ID: eventID(after.ID, fmt.Sprintf("deployed_%d", after.Revision)), Type: AgentDeployed, At: after.UpdatedAt,
			Data: Data{OrgID: after.OrgID, AgentID: &after.ID, Version: &Version{ID: after.Deployed.ID, Label: after.Deployed.Label}},
		})
	}
	return Happening{}
}

func one(orgID string, at time.Time, e Event) Happening {
	return Happening{OrgID: orgID, At: at, Events: []Event{e}}
}

func eventID(of, what string) string { return "evt_" + of + "_" + what }
