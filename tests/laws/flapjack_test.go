package laws_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/quintet-agents/quintet/shared/fault"
)

// The events of Flapjack: one `meta`, the answer, one `done` or `error`.

var flapjackStream = surface{
	name: "flapjack", function: "flapjack-message-create",
	path: func(_ *world, threadID string) string { return "/api/threads/" + threadID + "/messages" },
	body: func(text, _ string) map[string]any { return map[string]any{"content": text} },
	read: readFlapjack,
	refusals: map[fault.Code]refusal{
		fault.ModelUnavailable: {503, "MODEL_UNAVAILABLE"}, fault.ModelRefused: {503, "MODEL_UNAVAILABLE"}, fault.Internal: {500, "INTERNAL_ERROR"},
	},
}

var flapjackGrammar = grammar("meta (token |tool_call tool_executing tool_result )*(done|error) ")

type (
	flapjackToken struct{ Delta string }
	flapjackCall  struct {
		Tool struct {
			ID, Name  string
			Arguments json.RawMessage
		}
	}
	flapjackExecuting struct {
		Name string `json:"tool_name"`
	}
	flapjackResult struct {
		Name   string `json:"tool_name"`
		ID     string `json:"tool_call_id"`
		Result string
	}
	flapjackDone struct {
		OK        bool
		MessageID string
		Content   string
	}
	flapjackError struct{ Code, Detail string }
)

func readFlapjack(a answer) (telling, error) {
	var t telling
	if a.status != http.StatusOK {
		e, err := decode[struct{ Error, Detail string }](a.body)
		return telling{failure: e.Error}, err
	}
	events, err := readEvents(a.body)
	if err != nil {
		return t, err
	}
	if err := flapjackGrammar(events); err != nil {
		return t, err
	}
	for _, e := range events {
		if err := t.addFlapjack(e); err != nil {
			return t, err
		}
	}
	return t, nil
}

func (t *telling) addFlapjack(e event) error {
	switch e.name {
	case "token":
		d, err := decode[flapjackToken](e.data)
		t.steps = append(t.steps, step{text: d.Delta})
		return err
	case "tool_call":
		d, err := decode[flapjackCall](e.data)
		t.steps = append(t.steps, step{tool: tool{id: d.Tool.ID, name: d.Tool.Name, arguments: compact(d.Tool.Arguments)}})
		return err
	case "tool_executing":
		d, err := decode[flapjackExecuting](e.data)
		return cmp.Or(err, t.lastTool().is(t.lastTool().id, d.Name))
	case "tool_result":
		d, err := decode[flapjackResult](e.data)
		t.lastTool().result = d.Result
		return cmp.Or(err, t.lastTool().is(d.ID, d.Name))
	case "done":
		d, err := decode[flapjackDone](e.data)
		t.content, t.message = d.Content, d.MessageID
		if err == nil && !d.OK {
			err = fmt.Errorf("got done without ok: %s", e.data)
		}
		return err
	case "error":
		d, err := decode[flapjackError](e.data)
		t.failure = d.Code
		return err
	}
	return nil
}
