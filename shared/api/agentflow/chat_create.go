package agentflow

import (
	"context"
	"net/http"

	"github.com/quintet-agents/quintet/shared/agent"
	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/api/wire/body"
	"github.com/quintet-agents/quintet/shared/api/wire/param"
	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/identity"
	"github.com/quintet-agents/quintet/shared/turn"
)

// teller writes a turn's answer in one of the two forms: streamed or not.
type teller interface {
	turn.Sink
	// end writes the end of the turn. If it returns an error, the caller must answer the
	// request with that error.
	end(ctx context.Context, out turn.Outcome, err error) error
}

// ChatCreate answers POST /agents/{slug}/chat with the agent's answer: as a stream of events, or
// as JSON if the body has `"stream": false`. topUpURL is the page where callers can buy credits;
// empty means the console of this API.
func ChatCreate(auth wire.Authenticator, turns turn.Runner, topUpURL string) http.Handler {
	chat := wire.Authorized(auth, func(w http.ResponseWriter, r *http.Request, caller identity.Caller) error {
		slug := param.PathID(r, "slug")
		if slug == "" {
			return agent.ErrNotFound
		}
		fields, err := body.Read(r)
		if err != nil {
			return err
		}
		ask, err := readChat(fields)
		if err != nil {
			return err
		}
		once, err := wire.Key(r, caller.OrgID, fields.Raw)
		if err != nil {
			return err
		}
		var t teller = &events{w: w}
		if !ask.stream {
			t = whole{w: w}
		}
		out, err := turns.Run(r.Context(), turn.Input{
			Caller: caller, Agent: slug, ThreadID: ask.threadID, Own: ask.threadID == "", Text: ask.text, Channel: "agentflow",
			Whole: !ask.stream, Balance: true, Once: once,
		}, t)
		return t.end(r.Context(), out, hide(err))
	})
	return wire.CORS(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		wire.Handle(writeErrorWith(topUpLink(r.Context(), topUpURL)), chat).ServeHTTP(w, r)
	}))
}

// hide turns the error for something that the caller may not use into NotFound: another agent
// than the key's, or a thread of another agent [agentflow: "not your agent"].
func hide(err error) error {
	if !fault.Is(err, fault.Forbidden) {
		return err
	}
	return agent.ErrNotFound.Because(err)
}

// announce sets the headers that the vendor's page documents for chats.
func announce(w http.ResponseWriter, o turn.Opening) {
	h := w.Header()
	h.Set("x-flow-balance", o.Available.String())
	h.Set("x-flow-precharge", o.Hold.String())
	wire.Announce(w, o)
}
