package event

import (
	"bytes"
	"encoding/json"
	"time"

	"github.com/quintet-agents/quintet/shared/delivery"
)

// Event is one event in the form that webhooks receive.
type Event struct {
	ID   string // the webhook-id, derived from the change, so a retry produces the same id
	Type Type
	At   time.Time
	Data Data
}

// Data is the payload of an event.
type Data struct {
	OrgID    string  `json:"org_id"`
	AgentID  *string `json:"agent_id"` // null for an event without an agent
	ThreadID string  `json:"thread_id,omitempty"`
	TurnID   string  `json:"turn_id,omitempty"`
	Channel  string  `json:"channel,omitempty"`

	Message    *Message    `json:"message,omitempty"`
	Usage      *Usage      `json:"usage,omitempty"`
	Version    *Version    `json:"version,omitempty"`
	Credits    *Credits    `json:"credits,omitempty"`
	Connection *Connection `json:"connection,omitempty"`
	Automation *Automation `json:"automation,omitempty"`
	Run        *Run        `json:"run,omitempty"`
}

type (
	// Message is a message of a thread.
	Message struct {
		ID      string `json:"id"`
		Role    string `json:"role"`
		Content string `json:"content"`
		Cut     bool   `json:"cut,omitempty"` // the content is longer: only in what starts a run
	}
	// Usage is the usage of a turn.
	Usage struct {
		InputTokens  int         `json:"input_tokens"`
		OutputTokens int         `json:"output_tokens"`
		Credits      json.Number `json:"credits"`
	}
	// Version is a deployed version of an agent.
	Version struct {
		ID    string `json:"id"`
		Label string `json:"label"`
	}
	// Credits are the credits of an org.
	Credits struct {
		Balance   json.Number `json:"balance"`
		Available json.Number `json:"available"`
	}
	// Connection is a disabled connection. Its type is its channel, "webhook" for a webhook.
	Connection struct {
		ID     string `json:"id"`
		Type   string `json:"type"`
		Reason string `json:"reason"`
	}
)

const timestamp = "2006-01-02T15:04:05.000Z"

// Body returns the request body that webhooks receive for an event.
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

// testType is the type of a test delivery's event. No webhook can subscribe to it, so
// receivers cannot mistake it for a real event.
const testType Type = "webhook.test"

// TestDelivery returns a delivery of a test event to a webhook.
func TestDelivery(e delivery.Webhook, at time.Time) (delivery.Delivery, error) {
	id := delivery.NewID()
	x := Event{ID: eventID(id, "test"), Type: testType, At: at, Data: Data{OrgID: e.OrgID}}
	body, err := x.Body()
	return delivery.Delivery{
		Ref: delivery.Ref{OrgID: e.OrgID, Target: e.ID, ID: id}, EventID: x.ID, Type: x.Type, URL: e.URL, Body: body,
		CreatedAt: at, NextAt: at, Status: delivery.Pending,
	}, err
}
