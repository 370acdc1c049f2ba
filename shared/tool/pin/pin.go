// Package pin decides which tools of an MCP server a model may use. A server describes its
// tools itself and can change them at any time, so a description is an instruction to the
// model that nobody of the business wrote. Somebody therefore agrees to each tool, and a Pin
// keeps what they agreed to: the hash of the tool's Definition, and the definition.
//
// A model is offered pinned definitions only (Offer), never what a server lists now. A listed
// tool that differs from its pin is not used (Compare) until somebody agrees to it (Agree).
// The package does not talk to servers; package mcp does.
package pin

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/quintet-agents/quintet/shared/agent"
)

// Definition is a tool as an MCP server describes it: all that a client may show to a model.
// The three raw members are JSON, or empty when the server sent none.
type Definition struct {
	Name         string          `json:"name"`
	Title        string          `json:"title,omitempty"`
	Description  string          `json:"description,omitempty"`
	InputSchema  json.RawMessage `json:"inputSchema,omitempty"`
	OutputSchema json.RawMessage `json:"outputSchema,omitempty"`
	Annotations  json.RawMessage `json:"annotations,omitempty"`
}

// Of returns the pin of a definition.
func Of(d Definition) (agent.Pin, error) {
	text, err := d.canonical()
	if err != nil {
		return agent.Pin{}, err
	}
	return agent.Pin{Name: d.Name, SHA256: hash(text), Tool: text}, nil
}

// canonical returns the definition in the form that is hashed.
func (d Definition) canonical() ([]byte, error) {
	text, err := json.Marshal(d)
	if err != nil {
		return nil, fmt.Errorf("encode a tool's definition: %w", err)
	}
	return Canonical(text)
}

// errUnreadable is the error of a pin that does not say what somebody agreed to.
var errUnreadable = errors.New("the pin cannot be read")

// Read returns the definition that somebody agreed to. A pin whose definition is not the one
// that was hashed is an error: nobody agreed to it.
func Read(p agent.Pin) (Definition, error) {
	var d Definition
	if err := json.Unmarshal(p.Tool, &d); err != nil || d.Name != p.Name {
		return Definition{}, errUnreadable
	}
	if hash(p.Tool) == p.SHA256 { // in the canonical form, as Of made it
		return d, nil
	}
	again, err := Of(d)
	if err != nil || again.SHA256 != p.SHA256 {
		return Definition{}, errUnreadable
	}
	return d, nil
}

func hash(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}
