package flapjack

import (
	"context"
	"net/http"
	"time"

	"github.com/quintet-agents/quintet/shared/agent"
	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/api/wire/body"
	"github.com/quintet-agents/quintet/shared/api/wire/param"
	"github.com/quintet-agents/quintet/shared/idempotency"
	"github.com/quintet-agents/quintet/shared/identity"
	"github.com/quintet-agents/quintet/shared/thread"
)

// ThreadCreator stores new threads.
type ThreadCreator interface {
	wire.Keeper
	agent.Reader
	CreateThread(ctx context.Context, once *idempotency.Change, t thread.Thread) error
}

// ThreadCreate answers POST /api/threads with a new thread of an agent, which
// the body names by id or slug.
func ThreadCreate(auth wire.Authenticator, threads ThreadCreator, now func() time.Time) http.Handler {
	return wire.CORS(wire.Handle(WriteError, wire.Changes(auth, nil, threads, func(r *http.Request, caller identity.Caller, once *idempotency.Change) (thread.Thread, error) {
		fields, err := body.Read(r)
		if err != nil {
			return thread.Thread{}, err
		}
		name, err := readThread(fields)
		if err != nil {
			return thread.Thread{}, err
		}
		live, err := findAgent(r.Context(), threads, caller, param.FoldIDs(name))
		if err != nil {
			return thread.Thread{}, err
		}
		t := thread.New(caller.OrgID, live.AgentID, now())
		t.Channel = "flapjack"
		return t, threads.CreateThread(r.Context(), once, t)
	}, func(t thread.Thread) wire.Answer {
		return wire.Answer{Status: http.StatusCreated, Body: shapeOfThread(t)}
	})))
}

// readThread returns the id or slug of a new thread's agent.
func readThread(fields body.Object) (string, error) {
	return fields.Allow("agentId").String("agentId", agent.RefRule)
}

// findAgent returns an agent that the caller may use, by id or slug.
func findAgent(ctx context.Context, agents agent.Reader, caller identity.Caller, idOrSlug string) (agent.Live, error) {
	live, err := agent.Find(ctx, agents, caller.OrgID, idOrSlug)
	if err != nil {
		return agent.Live{}, err
	}
	return live, caller.May(live.AgentID)
}
