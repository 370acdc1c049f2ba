package openai

import (
	"errors"
	"fmt"

	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/model/apikey"
	"github.com/quintet-agents/quintet/shared/model/watch"
)

// renew returns the key for a retry after the endpoint refused one, and false if there is no
// other key. The problem's cause then has the reason.
func (p *Provider) renew(call *watch.Call, refused string, pr *problem) (string, bool) {
	if !pr.refusesKey() {
		return "", false
	}
	next, err := p.key.Renew(call.Context(), refused)
	if err != nil && !errors.Is(err, apikey.ErrFixed) {
		// err is not wrapped: an unreachable store of secrets must not count as an
		// unreachable model.
		pr.cause = fmt.Errorf("%w; there is no other key: %v", pr.cause, err) //nolint:errorlint // see above
	}
	return next, err == nil
}

// keyless returns the callers' error for a key that cannot be read.
func keyless(err error) error {
	return &fault.Error{Code: fault.ModelUnavailable, Message: "The model is not available", RetryAfter: apikey.FailureLife, Err: err}
}
