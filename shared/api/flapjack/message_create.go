package flapjack

import (
	"context"
	"net/http"
	"strings"

	"github.com/quintet-agents/quintet/shared/account"
	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/turn"
)

// Runner runs turns.
type Runner interface {
	Run(ctx context.Context, in turn.Input, sink turn.Sink) (turn.Turn, error)
}

// MessageCreate answers POST /api/threads/{id}/messages with the agent's answer
// as a stream of events.
func MessageCreate(auth wire.Authenticator, turns Runner) http.Handler {
	return wire.CORS(wire.Handle(WriteError, wire.Authorized(auth, func(w http.ResponseWriter, r *http.Request, caller account.Caller) error {
		id, err := threadID(r)
		if err != nil {
			return err
		}
		content, err := readContent(r)
		if err != nil {
			return err
		}
		s := &stream{w: w}
		t, err := turns.Run(r.Context(), turn.Input{Caller: caller, ThreadID: id, Text: content, Channel: "flapjack"}, s)
		return s.end(r.Context(), t, err)
	})))
}

func readContent(r *http.Request) (string, error) {
	body, err := wire.ReadObject(r)
	if err != nil {
		return "", err
	}
	content, err := body.Text("content")
	if err != nil {
		return "", err
	}
	switch {
	case strings.TrimSpace(content) == "":
		return "", fault.Field("content", "content must not be blank")
	case len(content) > turn.MaxText:
		return "", fault.Field("content", "content must be at most %d bytes", turn.MaxText)
	}
	return content, nil
}
