package flapjack

import (
	"context"
	"net/http"

	"github.com/quintet-agents/quintet/shared/agent"
	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/api/wire/param"
	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/identity"
	"github.com/quintet-agents/quintet/shared/thread"
)

// ThreadLister lists threads.
type ThreadLister interface {
	agent.Reader
	// ThreadPlace returns a thread of the org, also a deleted one.
	ThreadPlace(ctx context.Context, orgID, threadID string) (thread.Thread, error)
	Threads(ctx context.Context, orgID, agentID string, after *thread.Thread, limit int) ([]thread.Thread, error)
}

// ThreadList answers GET /api/threads?agentId=: the threads of an agent, or of
// all, newest first. `limit` and `after`, the last thread of the page before,
// page through them.
func ThreadList(auth wire.Authenticator, threads ThreadLister) http.Handler {
	return wire.CORS(wire.Handle(WriteError, wire.Authorized(auth, func(w http.ResponseWriter, r *http.Request, caller identity.Caller) error {
		limit, err := param.QueryInt(r, "limit", 50, 1, 100)
		if err != nil {
			return err
		}
		agentID := caller.AgentID
		if r.URL.Query().Has("agentId") {
			live, err := findAgent(r.Context(), threads, caller, param.QueryID(r, "agentId"))
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

// afterThread returns the thread before the first one of a page, or nil for the first page. It
// also finds a thread that was deleted meanwhile.
func afterThread(r *http.Request, threads ThreadLister, caller identity.Caller) (*thread.Thread, error) {
	if !r.URL.Query().Has("after") {
		return nil, nil
	}
	bad := fault.Field("after", "after must be the id of a thread")
	id := param.QueryID(r, "after")
	if !thread.ValidID(id) {
		return nil, bad
	}
	t, err := threads.ThreadPlace(r.Context(), caller.OrgID, id)
	if fault.Is(err, fault.NotFound) || err == nil && caller.May(t.AgentID) != nil {
		return nil, bad
	}
	return &t, err
}
