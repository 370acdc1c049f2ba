// Package thread shows an org's threads over all surfaces and channels, and has what people of the
// business do on those of channels: they write to the contact, and hand a thread over.
package thread

import (
	"github.com/quintet-agents/quintet/shared/api/manage/contact"
	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/inbox"
	"github.com/quintet-agents/quintet/shared/thread"
	"github.com/quintet-agents/quintet/shared/turn"
)

type (
	threadShape struct {
		ID        string      `json:"id"`
		AgentID   string      `json:"agent_id"`
		Channel   *string     `json:"channel"` // null for a thread that is older than the field
		Title     *string     `json:"title"`
		ContactID *string     `json:"contact_id"` // null where the thread belongs to no channel
		State     *stateShape `json:"state"`      // likewise
		CreatedAt string      `json:"created_at"`
	}
	wholeThread struct {
		threadShape

		Contact *contact.Shape `json:"contact"` // null where the thread belongs to no channel
	}
	stateShape struct {
		HandedOver bool `json:"handed_over"`
		Pending    int  `json:"pending"`
	}
	messageShape struct {
		ID        string         `json:"id"`
		Role      string         `json:"role"`
		Content   string         `json:"content"`
		Author    *string        `json:"author"` // null for the contact and the agent
		CreatedAt string         `json:"created_at"`
		Delivery  *deliveryShape `json:"delivery"` // null for what goes out over no channel

		// Unanswered is why the agent does not answer a contact's message; null if it does, or
		// if none is expected.
		Unanswered *string `json:"unanswered"`
	}
	deliveryShape struct {
		Parts []partShape `json:"parts"`
	}
	partShape struct {
		State      string      `json:"state"`
		ProviderID *string     `json:"provider_id"`
		At         *string     `json:"at"` // of the state
		Price      *priceShape `json:"price"`
		Code       *int        `json:"code"`
		Reason     *string     `json:"reason"`
	}
	priceShape struct {
		Type     *string `json:"type"`
		Category *string `json:"category"`
	}
)

func shapeOf(v inbox.View) threadShape {
	s := threadShape{
		ID: v.Thread.ID, AgentID: v.Thread.AgentID, Channel: wire.Nullable(v.Thread.Channel), Title: wire.Nullable(v.Thread.Title),
		CreatedAt: wire.Date(v.Thread.CreatedAt),
	}
	if c := v.Chat; c != nil {
		s.ContactID = &c.ContactID
		s.State = &stateShape{HandedOver: c.HandedOver, Pending: max(0, c.Pending)}
	}
	return s
}

func shapeOfWhole(v inbox.View) wholeThread {
	s := wholeThread{threadShape: shapeOf(v)}
	if v.Contact != nil {
		s.Contact = new(contact.ShapeOf(*v.Contact))
	}
	return s
}

// message is a message of a thread with its reply, and what the note has that it belongs to.
type message struct {
	thread.Message

	author     turn.Author
	unanswered string
	reply      *inbox.Reply
}

func shapeOfMessage(m message) messageShape {
	s := messageShape{
		ID: m.ID, Role: string(m.Role), Content: m.Content, Author: wire.Nullable(string(m.author)), CreatedAt: wire.Date(m.CreatedAt),
		Unanswered: wire.Nullable(m.unanswered),
	}
	if m.reply != nil {
		s.Delivery = &deliveryShape{Parts: wire.List(m.reply.Parts, shapeOfPart)}
	}
	return s
}

// waiting is the shown state of a part that has not left.
const waiting = "waiting"

func shapeOfPart(p inbox.Part) partShape {
	s := partShape{State: string(p.State), ProviderID: wire.Nullable(p.MessageID), At: wire.NullableDate(p.At), Reason: wire.Nullable(p.Reason)}
	if p.Open() {
		s.State = waiting
	}
	if p.Code != 0 {
		s.Code = &p.Code
	}
	if p.Price.Type != "" || p.Price.Category != "" {
		s.Price = &priceShape{Type: wire.Nullable(p.Price.Type), Category: wire.Nullable(p.Price.Category)}
	}
	return s
}
