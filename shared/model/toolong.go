package model

import (
	"fmt"

	"github.com/quintet-agents/quintet/shared/fault"
)

// TooLongError is the cause of a Provider's Invalid error: the request does not fit
// into the model's context. Its numbers come from the server and are 0 where the
// server gave none.
type TooLongError struct {
	Limit  int   // tokens of prompt and answer together
	Prompt int   // tokens of the prompt
	Cause  error // the server's error
}

// Error returns the numbers and the server's error.
func (e *TooLongError) Error() string {
	return fmt.Sprintf("a prompt of %d tokens does not fit into a context of %d (0: unknown): %v", e.Prompt, e.Limit, e.Cause)
}

// Unwrap returns the server's error.
func (e *TooLongError) Unwrap() error { return e.Cause }

// Fault returns the Invalid error that callers may see.
func (e *TooLongError) Fault() error {
	return &fault.Error{Code: fault.Invalid, Message: "The message is longer than the model's context can hold", Err: e}
}
