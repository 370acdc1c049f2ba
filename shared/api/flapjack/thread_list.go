package flapjack

import (
	"context"
	"net/http"

	"github.com/quintet-agents/quintet/shared/account"
	"github.com/quintet-agents/quintet/shared/agent"
	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/thread"
)

// ThreadLister lists threads.
type ThreadLister interface {
	agent.Reader
	ThreadReader
	Threads(ctx context.Context, orgID, agentID string, after *thread.Thread, limit int) ([]thread.Thread, error)
}

// ThreadList answers GET /api/threads?agentId=: the threads of an agent, or of
// all, newest first. `limit` and `after`, the last thread of the page before,
// page through them.
func ThreadList(auth wire.Authenticator, threads ThreadLister) http.Handler {
	return wire.CORS(wire.Handle(WriteError, wire.Authorized(auth, func(w http.ResponseWriter, r *http.Request, caller account.Caller) error {
		limit, err := wire.QueryInt(r, "limit", 50, 1, 100)
		if err != nil {
			return err
		}
		agentID := caller.AgentID
		if q := r.URL.Query(); q.Has("agentId") {
			live, err := findAgent(r.Context(), threads, caller, q.Get("agentId"))
			if err != nil {
				return err
			}
			agentID = live.AgentID
		}
		after, err := afterThread(r, threads, caller)
		if err != nil {
			return err
		}
		page, err := threads.Threads(r.Context(), caller.OrgID, agentID, after, limit)
		if err != nil {
			return err
		}
		return wire.JSON(w, http.StatusOK, wire.List(page, shapeOfThread))
	})))
}

func afterThread(r *http.Request, threads ThreadReader, caller account.Caller) (*thread.Thread, error) {
	q := r.URL.Query()
	if !q.Has("after") {
		return nil, nil
	}
	bad := fault.Field("after", "after must be the id of a thread")
	if !thread.ValidID(q.Get("after")) {
		return nil, bad
	}
	t, err := threads.Thread(r.Context(), caller.OrgID, q.Get("after"))
	if fault.Is(err, fault.NotFound) || err == nil && caller.May(t.AgentID) != nil {
		return nil, bad
	}
	return &t, err
}
