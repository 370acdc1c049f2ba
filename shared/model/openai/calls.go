package openai

import (
	"bytes"
	"encoding/json"
	"strings"

	"github.com/google/uuid"

	"github.com/quintet-agents/quintet/shared/model"
)

// calls gathers the tool calls of an answer from their pieces.
type calls struct {
	all     []*call
	current map[int64]*call // by the index the pieces carry
}

type call struct {
	id, name  string
	arguments strings.Builder
}

// add takes a piece. Id and name come with a call's first piece only; a second
// id at the same index is another call, for some servers number them all 0.
func (cs *calls) add(index int64, id, name, arguments string) {
	c := cs.current[index]
	if c == nil || id != "" && c.id != "" && id != c.id {
		c = &call{}
		if cs.current == nil {
			cs.current = map[int64]*call{}
		}
		cs.current[index] = c
		cs.all = append(cs.all, c)
	}
	if c.id == "" {
		c.id = id
	}
	if c.name == "" {
		c.name = name
	}
	c.arguments.WriteString(arguments)
}

// finish returns the complete calls and why the model stopped. A call whose
// arguments are no JSON object, which is what the output limit leaves of it,
// must not reach a tool.
func (cs *calls) finish(reason string) ([]model.ToolCall, model.Stop) {
	var complete []model.ToolCall
	for _, c := range cs.all {
		input, ok := object(c.arguments.String())
		if !ok {
			continue
		}
		if c.id == "" {
			c.id = "call_" + uuid.NewString() // not every server names its calls
		}
		complete = append(complete, model.ToolCall{ID: c.id, Name: c.name, Input: input})
	}
	switch {
	case reason == "length":
		return complete, model.StopLength
	case reason != "stop" && reason != "tool_calls":
		return complete, model.StopOther
	case len(complete) < len(cs.all):
		return complete, model.StopOther
	case len(complete) > 0: // some servers say "stop" all the same
		return complete, model.StopTools
	case reason == "tool_calls":
		return complete, model.StopOther
	default:
		return complete, model.StopEnd
	}
}

// object returns raw in compact form if it is a JSON object. No arguments at
// all are the empty one.
func object(raw string) (json.RawMessage, bool) {
	raw = strings.TrimSpace(raw)
	if raw == "" {
		return json.RawMessage("{}"), true
	}
	var compact bytes.Buffer
	if raw[0] != '{' || json.Compact(&compact, []byte(raw)) != nil {
		return nil, false
	}
	return compact.Bytes(), true
}
