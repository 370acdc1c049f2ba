package model

import (
	"fmt"

	"github.com/quintet-agents/quintet/shared/fault"
)

// TooLongError is the cause of an Invalid error of a Provider: the request does not
// fit into the model's context. The figures are the server's, in tokens, and 0
// where it gave none.
type TooLongError struct {
	Limit  int   // of the prompt and the answer together
	Prompt int   // what the prompt took
	Cause  error // the server's refusal
}

// Error returns the figures and the server's refusal.
func (e *TooLongError) Error() string {
	return fmt.Sprintf("a prompt of %d tokens does not fit into a context of %d (0: unknown): %v", e.Prompt, e.Limit, e.Cause)
}

// Unwrap returns the server's refusal.
func (e *TooLongError) Unwrap() error { return e.Cause }

// Fault returns the Invalid error that callers may see.
func (e *TooLongError) Fault() error {
	return &fault.Error{Code: fault.Invalid, Message: "The message is longer than the model's context can hold", Err: e}
}
