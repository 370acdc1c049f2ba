// Package model is what the turn engine asks of a language model, whoever
// serves it. The providers live in the folders below.
package model

import (
	"context"
	"encoding/json"
	"iter"
	"math"
)

// Role is who said a message. Instructions are not a role: they travel in
// Request.System.
type Role string

// The two roles of a conversation.
const (
	User      Role = "user"
	Assistant Role = "assistant"
)

// Message is one entry of the conversation. A user message carries text or
// tool results, an assistant message text, tool calls or both.
type Message struct {
	Role        Role
	Text        string
	ToolCalls   []ToolCall
	ToolResults []ToolResult
}

// Tool is something the model may call.
type Tool struct {
	Name        string
	Description string
	Schema      json.RawMessage // JSON Schema of the input object
}

// ToolCall is the model's wish to call a tool.
type ToolCall struct {
	ID    string
	Name  string
	Input json.RawMessage // always a JSON object; {} when the model sent none
}

// ToolResult answers the ToolCall of the same id.
type ToolResult struct {
	CallID string
	Text   string
	Failed bool
}

// Request is one call of the model.
type Request struct {
	Model       string // the provider's name for it
	System      string // may be empty
	Messages    []Message
	Tools       []Tool
	MaxTokens   int // the output limit; at least 1
	Temperature float64
}

// Usage is the provider's count of tokens. Each figure is at least 0 and at most
// MaxTokenCount: a report with any other figure is no report. Whether a figure can
// be true of a text is for the engine to judge.
type Usage struct {
	Input     int // with what was read from or written to a prompt cache
	Output    int // with Reasoning
	Reasoning int // the tokens of Output that were never shown
}

// MaxTokenCount is the largest count of tokens that is taken for one.
const MaxTokenCount = math.MaxInt32

// Stop is why the model stopped.
type Stop string

// The reasons the engine tells apart; a provider maps its own onto these.
const (
	StopEnd    Stop = "end"    // it was done
	StopTools  Stop = "tools"  // it waits for tool results
	StopLength Stop = "length" // it met the output limit
	StopOther  Stop = "other"  // filtered, refused, malformed
)

// Event is one step of a streamed reply: Opened once, then TextDelta and
// ToolCall in the order the model made them, then Finished once.
type Event interface{ event() }

// Opened says that the provider accepted the request and is answering.
type Opened struct{}

// TextDelta is a piece of the answer; never empty.
type TextDelta string

// Finished ends the reply.
type Finished struct {
	Stop  Stop
	Usage *Usage // nil when the provider did not report it
}

func (Opened) event()    {}
func (TextDelta) event() {}
func (ToolCall) event()  {}
func (Finished) event()  {}

// Reply is a whole answer.
type Reply struct {
	Text      string
	ToolCalls []ToolCall
	Stop      Stop
	Usage     *Usage // nil when the provider did not report it
}

// Provider serves models. Its errors are *fault.Error: ModelUnavailable when
// the provider is throttled, down, not ready or silent for too long, ModelRefused
// when it does not know or not allow the model, Invalid with a *TooLongError when the
// request does not fit into the model's context, Internal for anything else. When
// ctx ended, the error is Internal and wraps ctx.Err().
type Provider interface {
	// Converse answers in one piece. Beside an error, the reply has the text that
	// was read of the answer: MaxAnswerText bytes of one that is longer.
	Converse(ctx context.Context, req Request) (Reply, error)

	// Stream answers step by step. The sequence ends after Finished or after
	// its first error; leaving it early closes the connection.
	Stream(ctx context.Context, req Request) iter.Seq2[Event, error]
}
