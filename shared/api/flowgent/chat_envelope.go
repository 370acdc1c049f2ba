package flowgent

import (
	"encoding/json"
	"net/http"
	"slices"

	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/model"
	"github.com/quintet-agents/quintet/shared/turn"
)

// envelope is the result of a chat's execution. The HTTP status is always 200; the envelope has its
// own status.
type envelope struct {
	StatusCode int `json:"statusCode"`
	Body       any `json:"body"`
}

type answer struct {
	AgentID  string         `json:"agent_id"`
	History  []messageShape `json:"conversation_history"`
	Metadata metadata       `json:"metadata"`
}

type messageShape struct {
	Role    model.Role `json:"role"`
	Content string     `json:"content"`
}

type metadata struct {
	ID            string               `json:"id"`
	Model         string               `json:"model"`
	Timestamp     string               `json:"timestamp"`
	ToolCalls     map[string]toolShape `json:"tool_calls"`
	ExecutionTime int64                `json:"execution_time"` // milliseconds
	UsedCredits   json.Number          `json:"used_credits"`
	ThreadID      string               `json:"thread_id"`
}

type toolShape struct {
	Name      string          `json:"name"`
	Arguments json.RawMessage `json:"arguments"`
	Result    string          `json:"result"`
}

// answered returns the envelope of a successful turn.
func answered(out turn.Outcome) envelope {
	t := out.Turn
	return envelope{StatusCode: http.StatusOK, Body: answer{
		AgentID: t.AgentID,
		History: historyOf(out),
		Metadata: metadata{
			ID: t.ID, Model: t.Model, Timestamp: wire.Date(t.SettledAt), ToolCalls: toolCallsOf(t),
			ExecutionTime: max(0, t.SettledAt.Sub(t.StartedAt).Milliseconds()), // the clock may have been set back
			UsedCredits:   t.Charge.Number(), ThreadID: t.ThreadID,
		},
	}}
}

// maxHistory is the largest number of messages in an answer.
const maxHistory = 100

// historyOf returns the thread's latest messages, oldest first. The last message is the answer, even
// if it is empty.
func historyOf(out turn.Outcome) []messageShape {
	messages := make([]messageShape, 0, 2*len(out.Before)+2)
	for _, t := range append(slices.Clone(out.Before), out.Turn) {
		for _, m := range t.Messages() {
			messages = append(messages, messageShape{Role: m.Role, Content: m.Content})
		}
	}
	return messages[max(0, len(messages)-maxHistory):]
}

func toolCallsOf(t turn.Turn) map[string]toolShape {
	calls := make(map[string]toolShape, len(t.Tools))
	for _, u := range t.Tools {
		calls[u.ID] = toolShape{Name: u.Name, Arguments: u.Input, Result: u.Result}
	}
	return calls
}

// ending is the form of an execution without an answer.
type ending struct {
	status  int
	message string // empty: such an ending says neither this nor which agent it was
	error   string
}

const (
	noCredits   = "No credits available"
	unavailable = "Service temporarily unavailable"
)

var (
	unexpected = ending{http.StatusInternalServerError, "", "An unexpected error occurred while processing your request"}

	// endings has the codes with which an execution can end. All other codes are refusals with
	// real statuses.
	endings = map[fault.Code]ending{
		fault.InsufficientCredits: {http.StatusPaymentRequired, noCredits, noCredits},
		fault.ModelUnavailable:    {http.StatusServiceUnavailable, unavailable, "AI provider is currently experiencing high traffic"},
		fault.ModelRefused:        unexpected,
		fault.Internal:            unexpected,
	}
)

type endingShape struct {
	AgentID string `json:"agent_id,omitempty"`
	Message string `json:"message,omitempty"`
	Error   string `json:"error"`
}

// envelope returns the envelope of an ending.
func (e ending) envelope(agentID string) envelope {
	body := endingShape{Message: e.message, Error: e.error}
	if e.message != "" {
		body.AgentID = agentID
	}
	return envelope{StatusCode: e.status, Body: body}
}
