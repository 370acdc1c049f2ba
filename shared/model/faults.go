package model

import (
	"errors"
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

// OfKey marks the cause of an error: the provider does not accept the key, or other
// credentials. KeyRefused recognises it.
func OfKey(cause error) error { return &keyError{cause} }

// KeyRefused reports whether the cause of an error is marked by OfKey.
func KeyRefused(err error) bool {
	_, ok := errors.AsType[*keyError](err)
	return ok
}

type keyError struct{ error }

func (e *keyError) Unwrap() error { return e.error }

// Failed returns the Internal error for any other failure of a provider.
func Failed(cause error) error {
	return &fault.Error{Code: fault.Internal, Message: "The model failed", Err: cause}
}
