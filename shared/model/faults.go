package model

import (
	"time"

	"github.com/quintet-agents/quintet/shared/fault"
)

// Busy returns the ModelUnavailable error for a server that throttles, is down or cannot be
// reached. Callers may retry after the given time.
func Busy(after time.Duration, cause error) error {
	return &fault.Error{Code: fault.ModelUnavailable, Message: "The model is busy or not reachable", RetryAfter: after, Err: cause}
}

// Refused returns the ModelRefused error for a model that the provider does not know or does
// not allow.
func Refused(cause error) error {
	return &fault.Error{Code: fault.ModelRefused, Message: "The provider does not know or does not allow this model", Err: cause}
}

// Failed returns the Internal error for any other failure of a provider.
func Failed(cause error) error {
	return &fault.Error{Code: fault.Internal, Message: "The model failed", Err: cause}
}
