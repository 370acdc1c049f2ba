// Package gather assembles a model's answer from the pieces that its server sends.
// All providers use it. Characters reassembles characters that the server cut. Answer
// keeps the bounds of package model, and gives every tool call an id and a JSON object
// as its input.
package gather

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/quintet-agents/quintet/shared/clip"
	"github.com/quintet-agents/quintet/shared/model"
)

// Answer is the part of an answer that was received so far. The zero value is empty.
// Its methods return model.TooLarge's error when the answer exceeds a bound.
type Answer struct {
	characters Characters
	text       int // bytes
	arguments  int // bytes
	calls      []*Call
}

// Text adds a piece of text and returns the characters that are complete with it,
// perhaps none. When the piece exceeds the bound, Text returns the part within the
// bound together with the error.
func (a *Answer) Text(piece string) (string, error) {
	return a.bound(a.characters.Add(piece))
}

// TextEnd ends the text and returns the rest of it.
func (a *Answer) TextEnd() (string, error) { return a.bound(a.characters.End()) }

func (a *Answer) bound(text string) (string, error) {
	room := model.MaxAnswerText - a.text
	a.text += len(text)
	if len(text) > room {
		return clip.Text(text, max(room, 0)), model.TooLarge("text")
	}
	return text, nil
}

// Call is a tool call whose arguments arrive in pieces.
type Call struct {
	ID, Name string

	answer     *Answer
	characters Characters
	arguments  strings.Builder
}

// Call begins a tool call.
func (a *Answer) Call() (*Call, error) {
	if len(a.calls) == model.MaxCalls {
		return nil, model.TooLarge("tool calls")
	}
	c := &Call{answer: a}
	a.calls = append(a.calls, c)
	return c, nil
}

// Calls returns the calls in the order in which they began.
func (a *Answer) Calls() []*Call { return a.calls }

// Arguments adds a piece of the call's arguments.
func (c *Call) Arguments(piece string) error {
	c.answer.arguments += len(piece)
	if c.answer.arguments > model.MaxArguments {
		return model.TooLarge("tool arguments")
	}
	c.arguments.WriteString(c.characters.Add(piece))
	return nil
}

// Complete returns the call. It is marked as malformed if its arguments are not a JSON
// object: the output limit may have cut them, and a tool must not get such arguments. A
// call without an id, or with one that is too long, gets a new id.
func (c *Call) Complete() model.ToolCall {
	c.arguments.WriteString(c.characters.End())
	input, ok := Object([]byte(c.arguments.String()))
	if !ok {
		return Malformed(c.ID, c.Name)
	}
	return Bounded(model.ToolCall{ID: c.ID, Name: c.Name, Input: input})
}

// Malformed returns a call whose arguments are not a JSON object.
func Malformed(id, name string) model.ToolCall {
	return Bounded(model.ToolCall{ID: id, Name: name, Input: json.RawMessage("{}"), Malformed: true})
}

// WellFormed returns the calls without the malformed ones: after an answer that the output limit
// has cut, the model is not told what is wrong with them.
func WellFormed(calls []model.ToolCall) []model.ToolCall {
	return slices.DeleteFunc(calls, func(c model.ToolCall) bool { return c.Malformed })
}

// Bounded returns the call with its id and name within the bounds.
func Bounded(c model.ToolCall) model.ToolCall {
	if c.ID == "" || len(c.ID) > model.MaxCallID {
		c.ID = "call_" + uuid.NewString() // not every server sends ids
	}
	c.ID = strings.ToValidUTF8(c.ID, "\uFFFD")
	c.Name = clip.Text(strings.ToValidUTF8(c.Name, "\uFFFD"), model.MaxCallName)
	return c
}

// Object returns raw in compact form, and reports whether it is a JSON object. An
// empty text counts as {}: models send it for a tool without input.
func Object(raw []byte) (json.RawMessage, bool) {
	raw = bytes.TrimSpace(raw)
	if len(raw) == 0 {
		return json.RawMessage("{}"), true
	}
	var compact bytes.Buffer
	if raw[0] != '{' || json.Compact(&compact, raw) != nil {
		return nil, false
	}
	return compact.Bytes(), true
}
