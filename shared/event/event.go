package event

import (
	"bytes"
	"encoding/json"
	"time"

	"github.com/quintet-agents/quintet/shared/delivery"
)

// Event is something that has happened, as webhooks are told of it.
type Event struct {
	ID   string // the webhook-id: made of what has happened, so that it is the same whenever it is made
	Type Type
	At   time.Time
	Data Data
}

// Data is what an event is about.
type Data struct {
	OrgID    string  `json:"org_id"`
	AgentID  *string `json:"agent_id"` // null where it is about none
	ThreadID string  `json:"thread_id,omitempty"`
	TurnID   string  `json:"turn_id,omitempty"`
	Channel  string  `json:"channel,omitempty"`

	Message    *Message    `json:"message,omitempty"`
	Usage      *Usage      `json:"usage,omitempty"`
	Version    *Version    `json:"version,omitempty"`
	Credits    *Credits    `json:"credits,omitempty"`
	Connection *Connection `json:"connection,omitempty"`
}

type (
	// Message is one of a thread's.
	Message struct {
		ID      string `json:"id"`
		Role    string `json:"role"`
		Content string `json:"content"`
	}
	// Usage is what a turn has used.
	Usage struct {
		InputTokens  int         `json:"input_tokens"`
		OutputTokens int         `json:"output_tokens"`
		Credits      json.Number `json:"credits"`
	}
	// Version is an agent's that was deployed.
	Version struct {
		ID    string `json:"id"`
		Label string `json:"label"`
	}
	// Credits are an org's.
	Credits struct {
		Balance   json.Number `json:"balance"`
		Available json.Number `json:"available"`
	}
	// Connection is one that was disabled. Its type is "webhook" for a webhook.
	Connection struct {
		ID     string `json:"id"`
		Type   string `json:"type"`
		Reason string `json:"reason"`
	}
)

const timestamp = "2006-01-02T15:04:05.000Z"

// Body returns what is sent of an event.
func (e Event) Body() ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(struct {
		Type      Type   `json:"type"`
		Timestamp string `json:"timestamp"`
		Data      Data   `json:"data"`
	}{e.Type, e.At.UTC().Format(timestamp), e.Data})
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}

// testType is the type of the event that an owner tries a webhook with. None
// wants it, so that it is never taken for anything else.
const testType Type = "webhook.test"

// TestDelivery returns the delivery of an event that means nothing.
func TestDelivery(e delivery.Webhook, at time.Time) (delivery.Delivery, error) {
	id := delivery.NewID()
	x := Event{ID: eventID(id, "test"), Type: testType, At: at, Data: Data{OrgID: e.OrgID}}
	body, err := x.Body()
	return delivery.Delivery{
		Ref: delivery.Ref{OrgID: e.OrgID, Target: e.ID, ID: id}, EventID: x.ID, Type: x.Type, URL: e.URL, Body: body,
		CreatedAt: at, NextAt: at, Status: delivery.Pending,
	}, err
}
