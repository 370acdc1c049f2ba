package model

import (
	"errors"
	"fmt"

	"github.com/quintet-agents/quintet/shared/fault"
)

// The bounds of one answer. Reading ends at a bound: a server that sends more is
// broken or hostile, and a chat function has 128 MB. An honest answer is far smaller:
// the engine asks for a few thousand tokens.
const (
	MaxAnswerText = 192 << 10 // bytes of text; a stored turn has room for no more
	MaxCalls      = 128       // tool calls
	MaxCallName   = 128       // bytes; a longer name is cut, and no tool has it
	MaxCallID     = 128       // bytes; a longer id is replaced: it only pairs a call with its result
	MaxArguments  = 256 << 10 // bytes of the arguments of all calls

	MaxPiece  = 1 << 20  // bytes of one event of a stream on the wire
	MaxBody   = 2 << 20  // bytes of an answer in one piece on the wire
	MaxStream = 64 << 20 // bytes of a whole stream on the wire, hidden reasoning and comments included
)

// ErrTooLarge is the cause of a failure to read an answer that exceeds a bound.
var ErrTooLarge = errors.New("the answer is larger than what is read of one")

// TooLarge returns an Internal error for an answer that exceeds a bound.
func TooLarge(what string) error {
	return &fault.Error{Code: fault.Internal, Message: "The model's answer is longer than can be kept", Err: fmt.Errorf("%s: %w", what, ErrTooLarge)}
}
