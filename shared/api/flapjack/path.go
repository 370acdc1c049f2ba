package flapjack

import (
	"context"
	"net/http"

	"github.com/quintet-agents/quintet/shared/api/wire/param"
	"github.com/quintet-agents/quintet/shared/identity"
	"github.com/quintet-agents/quintet/shared/thread"
)

// threadID returns the thread id in the path. The error is NotFound for a malformed id.
func threadID(r *http.Request) (string, error) {
	id := param.PathID(r, "id")
	if !thread.ValidID(id) {
		return "", thread.ErrNotFound
	}
	return id, nil
}

// ThreadReader reads a thread.
type ThreadReader interface {
	Thread(ctx context.Context, orgID, threadID string) (thread.Thread, error)
}

// findThread returns the thread in the path, if the caller may use it.
func findThread(r *http.Request, threads ThreadReader, caller identity.Caller) (thread.Thread, error) {
	id, err := threadID(r)
	if err != nil {
		return thread.Thread{}, err
	}
	t, err := threads.Thread(r.Context(), caller.OrgID, id)
	if err != nil {
		return thread.Thread{}, err
	}
	return t, caller.May(t.AgentID)
}
