package flexyagents

import (
	"net/http"

	"github.com/quintet-agents/quintet/shared/agent"
	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/api/wire/param"
	"github.com/quintet-agents/quintet/shared/identity"
	"github.com/quintet-agents/quintet/shared/turn"
)

// ChatCreate answers POST /api/agents/{id}/chat with the agent's answer, as JSON, or as a stream of
// lines if the body asks for one. The path has the agent's id or slug.
func ChatCreate(auth wire.Authenticator, turns turn.Runner) http.Handler {
	return wire.CORS(wire.Handle(WriteError, wire.Authorized(auth, func(w http.ResponseWriter, r *http.Request, caller identity.Caller) error {
		id := param.PathID(r, "id")
		if id == "" {
			return agent.ErrNotFound // an empty id must not select the thread's agent
		}
		q, err := readRequest(r)
		if err != nil {
			return err
		}
		once, err := wire.Key(r, caller.OrgID, q.raw)
		if err != nil {
			return err
		}
		in := turn.Input{
			Caller: caller, Agent: id, ThreadID: q.threadID, History: q.history, Text: q.text,
			Visitor: q.visitor, Whole: !q.stream, Channel: "flexyagents", Once: once,
		}
		if q.stream {
			l := &lines{w: w}
			out, err := turns.Run(r.Context(), in, l)
			return l.end(r.Context(), out.Turn, err)
		}
		s := whole{w: w}
		out, err := turns.Run(r.Context(), in, s)
		return s.end(out.Turn, err)
	})))
}
