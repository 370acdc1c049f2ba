package mcp

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"

	"github.com/quintet-agents/quintet/shared/clip"
	"github.com/quintet-agents/quintet/shared/delivery/outbound"
	"github.com/quintet-agents/quintet/shared/request"
	"github.com/quintet-agents/quintet/shared/tool/pin"
)

// maxWords bounds a server's words in an error.
const maxWords = 500

var errSilent = errors.New("it did not answer in time")

// explain returns why a call failed, in words for people and models.
func (x *exchange) explain(ctx context.Context, w *wire, err error) error {
	return errors.New(x.words(ctx, w, err))
}

func (x *exchange) words(ctx context.Context, w *wire, err error) string {
	f := x.known()
	reply, isReply := replyOf(err)
	switch {
	case errors.Is(err, errTooMany) || errors.Is(err, errNoTools):
		return err.Error()
	case errors.Is(f.err, errSealed):
		return errSealed.Error()
	case errors.Is(f.err, errTooLarge):
		return fmt.Sprintf("its answer has more than %d KB", x.limit>>10)
	case errors.Is(context.Cause(ctx), errLate):
		return "its answer does not have the reply to the request"
	case ctx.Err() != nil:
		return errSilent.Error()
	case f.err != nil && f.status == 0:
		return "it cannot be reached: " + string(outbound.FailureOf(f.err))
	case f.err != nil:
		return "its answer was cut off: " + string(outbound.FailureOf(f.err))
	case 300 <= f.status && f.status < 400:
		return fmt.Sprintf("it answers with a redirect to %s, which is not followed", target(w.mask(f.location)))
	case f.status == http.StatusUnauthorized || f.status == http.StatusForbidden:
		return fmt.Sprintf("it refuses the credentials in the secret headers (status %d)", f.status)
	case isReply:
		return fmt.Sprintf("it answers with the error %d: %s", reply.Code, clip.Text(w.mask(pin.Clean(reply.Message)), maxWords))
	case f.status >= 400:
		return fmt.Sprintf("it answers with the status %d", f.status)
	case f.encoding != "" && !strings.EqualFold(f.encoding, "identity"):
		return "its answer is compressed, although the request does not allow it"
	}
	return "its answer is no valid reply"
}

// target returns a redirect's target without its query, which may have secrets.
func target(location string) string {
	u, err := url.Parse(location)
	if err != nil || location == "" {
		return "an unreadable address"
	}
	u.RawQuery, u.Fragment, u.User = "", "", nil
	return clip.Text(u.String(), maxWords)
}

// replyOf returns the error that the server's reply has. The SDK also uses the type for
// conditions of its own, with these codes.
func replyOf(err error) (*jsonrpc.Error, bool) {
	reply, ok := errors.AsType[*jsonrpc.Error](err)
	return reply, ok && (reply.Code < -32006 || reply.Code > -32003)
}

func isReply(err error) bool {
	_, ok := replyOf(err)
	return ok
}

// mask removes the values of the secret headers, which a server knows and can repeat. A text is
// shortened after it.
func (w *wire) mask(text string) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.secrets == nil {
		return text
	}
	return w.secrets.Hide(text, false)
}

// learn keeps the values to mask.
func (w *wire) learn(headers map[string]string) {
	secrets := request.NewMask(slices.Collect(maps.Values(headers)))
	w.mu.Lock()
	defer w.mu.Unlock()
	w.secrets = secrets
}
