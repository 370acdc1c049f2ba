// Package model defines how the turn engine calls a language model: a Provider
// takes a Request and returns a Reply or a stream of Events. The folders below
// hold the providers (bedrock, openai) and what they share.
package model

import (
	"context"
	"encoding/json"
	"iter"
	"math"
)

// Role names the author of a message. Instructions have no role: they are in
// Request.System.
type Role string

// The two roles of a conversation.
const (
	User      Role = "user"
	Assistant Role = "assistant"
)

// Message is one entry of the conversation. A user message has text, images or both, or
// tool results; an assistant message has text, tool calls or both.
type Message struct {
	Role        Role
	Text        string
	Images      []Image
	ToolCalls   []ToolCall
	ToolResults []ToolResult
}

// Tool describes a function that the model may call.
type Tool struct {
	Name        string
	Description string
	Schema      json.RawMessage // JSON Schema of the input object
}

// ToolCall is the model's request to call a tool.
type ToolCall struct {
	ID    string
	Name  string
	Input json.RawMessage // always a JSON object; {} when the model sent none

	// Malformed marks a call whose arguments were no JSON object. Its Input is {}, and it is
	// not to be made.
	Malformed bool
}

// ToolResult is the result of the ToolCall with the same id.
type ToolResult struct {
	CallID string
	Text   string
	Failed bool
}

// Request is the input of one call to the model.
type Request struct {
	Model       string // the provider's id of the model
	System      string // may be empty
	Messages    []Message
	Tools       []Tool
	MaxTokens   int // the output limit; at least 1
	Temperature float64
	Stop        []string // the answer ends before the first of these texts
}

// Usage is the number of tokens that the provider reports. Each number is between 0
// and MaxTokenCount; providers ignore a report with any other number. The engine
// checks whether a number is plausible for the text.
type Usage struct {
	Input     int // includes tokens read from and written to a prompt cache
	Output    int // includes Reasoning
	Reasoning int // hidden tokens, which are not part of the answer's text
}

// MaxTokenCount is the largest number of tokens that counts as plausible.
const MaxTokenCount = math.MaxInt32

// Stop is the reason why the model stopped.
type Stop string

// The stop reasons that the engine distinguishes. A provider maps its own to these.
const (
	StopEnd    Stop = "end"    // the answer is complete
	StopTools  Stop = "tools"  // the model waits for tool results
	StopLength Stop = "length" // the output limit was reached
	StopOther  Stop = "other"  // filtered, refused, malformed
)

// Event is one step of a streamed reply: Opened once, then TextDelta and
// ToolCall in the model's order, then Finished once.
type Event interface{ event() }

// Opened means that the provider accepted the request and is answering.
type Opened struct{}

// TextDelta is a piece of the answer's text. It is never empty.
type TextDelta string

// Finished is the last event of a reply.
type Finished struct {
	Stop  Stop
	Usage *Usage // nil when the provider did not report it
}

func (Opened) event()    {}
func (TextDelta) event() {}
func (ToolCall) event()  {}
func (Finished) event()  {}

// Reply is a complete answer.
type Reply struct {
	Text      string
	ToolCalls []ToolCall
	Stop      Stop
	Usage     *Usage // nil when the provider did not report it
}

// Provider serves models. Its errors are *fault.Error with one of these codes:
//
//   - ModelUnavailable: the provider throttles, is down, is not ready or sent nothing
//     for too long.
//   - ModelRefused: the provider does not know the model or does not allow it.
//   - Invalid, with a *TooLongError: the request does not fit into the model's context.
//   - Invalid, with an *ImageError: the request's images cannot be used.
//   - Internal: anything else. When ctx ended, the error wraps ctx.Err().
type Provider interface {
	// Converse returns the answer without streaming. With an error, the reply has the
	// text that was read before it, at most MaxAnswerText bytes.
	Converse(ctx context.Context, req Request) (Reply, error)

	// Stream returns the answer as a sequence of events. The sequence ends after
	// Finished or after its first error. A consumer that stops early closes the
	// connection.
	Stream(ctx context.Context, req Request) iter.Seq2[Event, error]
}
