package flapjack

import (
	"net/http"

	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/api/wire/body"
	"github.com/quintet-agents/quintet/shared/identity"
	"github.com/quintet-agents/quintet/shared/turn"
)

// MessageCreate answers POST /api/threads/{id}/messages with the agent's answer
// as a stream of events.
func MessageCreate(auth wire.Authenticator, turns turn.Runner) http.Handler {
	return wire.CORS(wire.Handle(WriteError, wire.Authorized(auth, func(w http.ResponseWriter, r *http.Request, caller identity.Caller) error {
		id, err := threadID(r)
		if err != nil {
			return err
		}
		fields, err := body.Read(r)
		if err != nil {
			return err
		}
		content, err := readMessage(fields)
		if err != nil {
			return err
		}
		once, err := wire.Key(r, caller.OrgID, fields.Raw)
		if err != nil {
			return err
		}
		s := &events{w: w}
		out, err := turns.Run(r.Context(), turn.Input{Caller: caller, ThreadID: id, Text: content, Channel: "flapjack", Once: once}, s)
		return s.end(r.Context(), out.Turn, err)
	})))
}

func readMessage(fields body.Object) (string, error) {
	return body.MessageText(fields.Allow("content"), "content")
}
