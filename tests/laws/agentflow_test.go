package laws_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/quintet-agents/quintet/shared/fault"
)

// The events of AgentFlow: `status` thinking, the answer, one `done` or `error`, and
// `flow_meta` last.

var agentflowRefusals = map[fault.Code]refusal{
	fault.ModelUnavailable: {503, "model_unavailable"}, fault.ModelRefused: {502, "auto_redeploy_failed"}, fault.Internal: {500, "internal_error"},
}

var agentflowStream = surface{
	name: "agentflow", function: "agentflow-chat-create", path: chatPath("/agents/"),
	body: func(text, threadID string) map[string]any { return map[string]any{"text": text, "thread_id": threadID} },
	read: readAgentFlow, refusals: agentflowRefusals, withoutIDs: true, namesOnly: true, blocks: true,
}

var agentflowWhole = surface{
	name: "agentflow whole", function: "agentflow-chat-create", whole: true, path: chatPath("/agents/"),
	body: func(text, threadID string) map[string]any {
		return map[string]any{"messages": []message{{"user", text}}, "thread_id": threadID, "stream": false}
	},
	read: readAgentFlowWhole, refusals: agentflowRefusals, withoutIDs: true,
}

var agentflowGrammar = grammar("status:thinking (message |status:tool_start status:tool_done (ui_blocks )?)*(done|error) flow_meta ")

type agentflowAnswer struct {
	Content, Text string
	Tools         []struct {
		Name      string
		Arguments json.RawMessage
		Result    string
	}
	ThreadID string  `json:"thread_id"`
	Balance  *string `json:"flow_balance_remaining"`
}

func (d agentflowAnswer) into(t *telling) error {
	t.content, t.threadID, t.tools = d.Content, d.ThreadID, []tool{}
	for _, u := range d.Tools {
		t.tools = append(t.tools, tool{name: u.Name, arguments: compact(u.Arguments), result: u.Result})
	}
	if d.Text != d.Content || d.Tools == nil {
		return fmt.Errorf("got text %q, content %q, tools %v, want equal texts and a list of tools", d.Text, d.Content, d.Tools)
	}
	return nil
}

func agentflowFailure(a answer) (telling, error) {
	e, err := decode[struct{ Error, Message string }](a.body)
	return telling{failure: e.Error}, err
}

func readAgentFlow(a answer) (telling, error) {
	var t telling
	if a.status != http.StatusOK {
		return agentflowFailure(a)
	}
	events, err := readEvents(a.body)
	if err != nil {
		return t, err
	}
	for i := range events {
		if err := t.addAgentFlow(&events[i]); err != nil {
			return t, err
		}
	}
	return t, agentflowGrammar(events)
}

// addAgentFlow names a status event after its state.
func (t *telling) addAgentFlow(e *event) error {
	switch e.name {
	case "status":
		d, err := decode[struct{ State, Tool string }](e.data)
		e.name += ":" + d.State
		switch d.State {
		case "tool_start":
			t.steps = append(t.steps, step{tool: tool{name: d.Tool}})
		case "tool_done":
			return cmp.Or(err, t.lastTool().is("", d.Tool))
		}
		return err
	case "message":
		piece, err := decode[string](e.data)
		t.steps = append(t.steps, step{text: piece})
		return err
	case "ui_blocks":
		d, err := decode[struct{ Blocks []map[string]string }](e.data)
		t.blocks += len(d.Blocks)
		return err
	case "done":
		d, err := decode[agentflowAnswer](e.data)
		return cmp.Or(err, d.into(t))
	case "error":
		d, err := decode[struct{ Error, Message string }](e.data)
		t.failure = d.Error
		return err
	case "flow_meta":
		d, err := decode[agentflowBalance](e.data)
		t.balance = d.Balance
		return err
	}
	return nil
}

type agentflowBalance struct {
	Balance string `json:"balance_remaining"`
}

func readAgentFlowWhole(a answer) (telling, error) {
	var t telling
	if a.status != http.StatusOK {
		return agentflowFailure(a)
	}
	d, err := decode[agentflowAnswer](a.body)
	if d.Balance != nil {
		t.balance = *d.Balance
	}
	return t, cmp.Or(err, d.into(&t))
}
