package dynamotest

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/quintet-agents/quintet/shared/channel"
	"github.com/quintet-agents/quintet/shared/dynamo"
	"github.com/quintet-agents/quintet/shared/inbox"
	"github.com/quintet-agents/quintet/shared/turn"
)

// Chat stores a contact of a connection, and a thread of an agent in which it got a template. It
// returns the id of the thread.
func Chat(ctx context.Context, store *dynamo.Store, agentID string, c inbox.Contact, at time.Time) (string, error) {
	send := channel.Send{
		OrgID: c.OrgID, ID: uuid.NewString(), Attempt: "test", ConnectionID: c.ConnectionID, State: channel.Sending, At: at, AgentID: agentID, To: c.Person.Address,
	}
	if _, err := store.BeginSend(ctx, send); err != nil {
		return "", err
	}
	send.State = channel.Sent
	ref := inbox.Ref{OrgID: c.OrgID, Channel: c.Channel, ConnectionID: c.ConnectionID, ChatID: c.ID}
	id := inbox.ThreadID(agentID, ref)
	c.CreatedAt = at
	return id, store.JoinTemplate(ctx, send, inbox.Names{Aliases: inbox.Aliases(c.Person)}, func(inbox.Found) (inbox.Joining, error) {
		return inbox.Joining{
			Contact: c, Ownership: inbox.Ownership{Aliases: inbox.Aliases(c.Person)}, Chat: inbox.Chat{Ref: ref, ContactID: c.ID},
			Note: turn.Turn{
				ID: turn.NewIDAt(at), OrgID: c.OrgID, ThreadID: id, AgentID: agentID, KeyID: c.ConnectionID, Channel: string(ref.Channel),
				Note: true, Author: turn.Template, Assistant: "Your order has left.",
			},
			Reply: inbox.Reply{Ref: ref, ThreadID: id, CreatedAt: at, Parts: []inbox.Part{{State: channel.Sent, MessageID: "wamid." + send.ID, At: at}}},
		}, nil
	})
}
