package model

import (
	"errors"
	"fmt"

	"github.com/quintet-agents/quintet/shared/fault"
)

// These constants bound one answer. A provider stops reading at a bound, because a
// server that sends more is broken or hostile, and a chat function has 128 MB of
// memory. A normal answer is far smaller: the engine asks for a few thousand tokens.
const (
	MaxAnswerText = 192 << 10 // bytes of text, the most that fits into a stored turn
	MaxCalls      = 128       // tool calls
	MaxCallName   = 128       // bytes; a longer name is cut and matches no tool
	MaxCallID     = 128       // bytes; a longer id is replaced: it only pairs a call with its result
	MaxArguments  = 256 << 10 // bytes of the arguments of all calls

	MaxPiece  = 1 << 20  // bytes of one event of a stream on the wire
	MaxBody   = 2 << 20  // bytes of a non-streamed answer on the wire
	MaxStream = 64 << 20 // bytes of a whole stream on the wire, hidden reasoning and comments included
)

// ErrTooLarge is the cause of the error for an answer that exceeds a bound.
var ErrTooLarge = errors.New("the model's answer exceeds a size limit")

// TooLarge returns an Internal error for an answer that exceeds a bound. what names
// the part of the answer.
func TooLarge(what string) error {
	return &fault.Error{Code: fault.Internal, Message: "The model's answer is too long to be stored", Err: fmt.Errorf("%s: %w", what, ErrTooLarge)}
}
