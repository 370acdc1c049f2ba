package flametalk

import (
	"math"
	"net/http"

	"github.com/quintet-agents/quintet/shared/agent"
	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/api/wire/envelope"
	"github.com/quintet-agents/quintet/shared/api/wire/param"
	"github.com/quintet-agents/quintet/shared/identity"
)

// AgentList answers GET /agents: a page of the org's agents, newest first. A key that is bound to
// an agent sees only that agent.
func AgentList(auth wire.Authenticator, agents agent.Lister) http.Handler {
	return wire.Handle(envelope.WriteError, wire.Authorized(auth, func(w http.ResponseWriter, r *http.Request, caller identity.Caller) error {
		limit, err := param.QueryInt(r, "limit", 20, 1, 100)
		if err != nil {
			return err
		}
		offset, err := param.QueryInt(r, "offset", 0, 0, math.MaxInt32)
		if err != nil {
			return err
		}
		page, total, err := agent.Visible(r.Context(), agents, caller, offset, limit)
		if err != nil {
			return err
		}
		return envelope.ShowPage(w, wire.List(page, rowOf), pagination{
			Total: total, Limit: limit, Offset: offset, HasMore: offset+len(page) < total,
		})
	}))
}
