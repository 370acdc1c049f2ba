package automation

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// Limits of what a run keeps. A worker reads all of it, and decodes what a step's templates see.
const (
	MaxInput  = 64 << 10  // bytes of a step's input
	MaxOutput = 256 << 10 // bytes of a step's output
	MaxData   = 2 << 20   // bytes of the inputs and outputs of all steps; a step that begins may exceed it

	// MaxDataDepth bounds the lists and objects within each other of JSON from outside. Readers of
	// runs, and of what steps make of it, have limits of their own.
	MaxDataDepth = 200
)

// dataOf returns the size of the data that a run's executions keep.
func dataOf(executions map[string]Execution) int {
	n := 0
	for _, e := range executions {
		n += len(e.Input) + len(e.Output)
	}
	return n
}

// bounded returns an input, or a note about one that is too long to keep.
func bounded(input json.RawMessage) json.RawMessage {
	if len(input) <= MaxInput {
		return input
	}
	return fmt.Appendf(nil, `{"omitted":"The input has %d bytes; at most %d are kept"}`, len(input), MaxInput)
}

// Encode returns a value as JSON on one line, as the rows of automations and runs keep it. It does not
// escape HTML's characters, which would make a text up to six times as long: an item of the table has
// at most 400 KB.
func Encode(v any) (json.RawMessage, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// Depth returns how many lists and objects of valid JSON are within each other.
func Depth(raw []byte) int {
	depth, deepest, text := 0, 0, false
	for i := 0; i < len(raw); i++ {
		switch c := raw[i]; {
		case text && c == '\\':
			i++
		case c == '"':
			text = !text
		case text:
		case c == '[' || c == '{':
			depth++
			deepest = max(deepest, depth)
		case c == ']' || c == '}':
			depth--
		}
	}
	return deepest
}
