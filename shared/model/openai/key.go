package openai

import (
	"errors"
	"fmt"
	"strings"

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

// withoutKey hides the key in an error's text, because errors are logged and some endpoints
// repeat the key in their answer. It ignores keys shorter than minHidden, such as the dummy
// key of a local server.
func withoutKey(err error, key string) error {
	if len(key) < minHidden {
		return err
	}
	text := err.Error()
	if hidden := hide(text, key); hidden != text {
		return &hiding{text: hidden, error: err}
	}
	return err
}

// hiding is an error with another text.
type hiding struct {
	text string
	error
}

func (h *hiding) Error() string { return h.text }
func (h *hiding) Unwrap() error { return h.error }

// minHidden is the length of the shortest part of a key that is hidden. Error texts are
// cut, so one may end within the key. Shorter parts, such as sk-proj-, disclose nothing.
const minHidden = 12

// hide replaces the secret, and beginnings of it, in a text.
func hide(text, secret string) string {
	var b strings.Builder
	for {
		before, after, found := strings.Cut(text, secret[:minHidden])
		b.WriteString(before)
		if !found {
			return b.String()
		}
		b.WriteString("***")
		same := minHidden
		for same < len(secret) && strings.HasPrefix(after[same-minHidden:], secret[same:same+1]) {
			same++
		}
		text = after[same-minHidden:]
	}
}
