package flametalk

import (
	"context"
	"net/http"

	"golang.org/x/sync/errgroup"

	"github.com/quintet-agents/quintet/shared/agent"
	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/api/wire/envelope"
	"github.com/quintet-agents/quintet/shared/api/wire/param"
	"github.com/quintet-agents/quintet/shared/identity"
)

// AgentReader reads an agent, its versions and the deployed instructions.
type AgentReader interface {
	agent.Reader
	Agent(ctx context.Context, orgID, agentID string) (agent.Agent, error)
	Versions(ctx context.Context, orgID, agentID string) ([]agent.Version, error)
}

// AgentGet answers GET /agents/{id}.
func AgentGet(auth wire.Authenticator, agents AgentReader) http.Handler {
	return wire.Handle(envelope.WriteError, wire.Authorized(auth, func(w http.ResponseWriter, r *http.Request, caller identity.Caller) error {
		id, err := param.PathAgent(r, "id")
		if err != nil {
			return err
		}
		d, err := readDetail(r.Context(), agents, caller.OrgID, id)
		if err != nil {
			return err
		}
		if err := caller.May(id); err != nil {
			return err
		}
		return envelope.Show(w, detailOf(d))
	}))
}

// readDetail reads the agent's parts concurrently.
func readDetail(ctx context.Context, agents AgentReader, orgID, id string) (agent.Detail, error) {
	var (
		a          agent.Agent
		versions   []agent.Version
		live       agent.Live
		wave, wctx = errgroup.WithContext(ctx)
	)
	wave.Go(func() (err error) { a, err = agents.Agent(wctx, orgID, id); return err })
	wave.Go(func() (err error) { versions, err = agents.Versions(wctx, orgID, id); return err })
	wave.Go(func() (err error) { live, err = agents.Live(wctx, orgID, id); return err })
	if err := wave.Wait(); err != nil {
		return agent.Detail{}, err
	}
	return agent.Detail{Agent: a, Versions: versions, Instructions: live.Instructions}, nil
}
