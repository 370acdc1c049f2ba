package provider

import (
	"context"
	"errors"
	"iter"
	"time"

	"github.com/quintet-agents/quintet/shared/awscall"
	"github.com/quintet-agents/quintet/shared/delivery/outbound"
	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/model"
)

// renewBefore is how long before their end the credentials of a role are renewed: longer than
// a stream, whose request is signed at its beginning, takes to start.
const renewBefore = 5 * time.Minute

// retryAfter is the Retry-After if the key cannot be opened or the role not be assumed now.
const retryAfter = 5 * time.Second

// The texts of errors, which callers may see.
const (
	keyText     = "The organisation's own model provider refused the key"
	roleText    = "The organisation's own model provider refused the role"
	modelText   = "The organisation's own model provider does not serve this model: check the provider and the model in the agent's settings"
	addressText = "The address of the organisation's own model provider is not allowed"
	busyText    = "The organisation's own model provider is busy or not reachable"
)

// spoken is a provider whose errors say whose provider failed.
type spoken struct{ provider model.Provider }

// Converse implements model.Provider.
func (s spoken) Converse(ctx context.Context, req model.Request) (model.Reply, error) {
	reply, err := s.provider.Converse(ctx, req)
	return reply, named(err)
}

// Stream implements model.Provider.
func (s spoken) Stream(ctx context.Context, req model.Request) iter.Seq2[model.Event, error] {
	return func(yield func(model.Event, error) bool) {
		for event, err := range s.provider.Stream(ctx, req) {
			if !yield(event, named(err)) {
				return
			}
		}
	}
}

// named returns an error with the text for its reason. Errors about the request itself, and
// internal ones, keep theirs.
func named(err error) error {
	e := fault.From(err)
	switch {
	case e == nil:
		return nil
	case errors.Is(err, outbound.ErrNotAllowed):
		return refused(addressText, err)
	case model.KeyRefused(err):
		return refused(keyText, e.Err)
	case e.Code == fault.ModelRefused:
		return refused(modelText, e.Err)
	case e.Code == fault.ModelUnavailable:
		return &fault.Error{Code: fault.ModelUnavailable, Message: busyText, RetryAfter: e.RetryAfter, Err: e.Err}
	}
	return err
}

func refused(text string, cause error) error {
	return &fault.Error{Code: fault.ModelRefused, Message: text, Err: cause}
}

// incomplete returns the error of settings that miss something.
func incomplete(field string) error {
	return fault.New(fault.ModelRefused, "The agent's settings do not name the organisation's own model provider completely: check %s", field)
}

// keyless returns the error of a key that cannot be opened.
func keyless(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return &fault.Error{Code: fault.ModelUnavailable, Message: "The key of the organisation's own model provider cannot be read now", RetryAfter: retryAfter, Err: err}
}

// roleError returns the error of a role that cannot be assumed.
func roleError(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if r, ok := errors.AsType[*awscall.RefusedError](err); ok && !r.Temporary() {
		return refused(roleText, model.OfKey(err))
	}
	return &fault.Error{Code: fault.ModelUnavailable, Message: busyText, RetryAfter: retryAfter, Err: err}
}
