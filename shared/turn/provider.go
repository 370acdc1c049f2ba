package turn

import (
	"context"
	"fmt"

	"github.com/quintet-agents/quintet/shared/agent"
	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/model"
)

// Providers returns the model providers of agents whose provider is the org's own.
type Providers interface {
	// Of returns the provider that an agent's settings name. Its errors are those of a
	// model.Provider.
	Of(ctx context.Context, live agent.Live) (model.Provider, error)
}

// providerOf returns the provider that answers an agent's turns.
func (e *Engine) providerOf(ctx context.Context, live agent.Live) (model.Provider, error) {
	switch {
	case !live.Settings.Provider.Own():
		return e.Model, nil
	case e.Own == nil:
		return nil, fault.New(fault.ModelRefused, "This deployment serves no own model providers")
	case live.Settings.Model == "":
		return nil, fault.New(fault.ModelRefused, "The agent's settings name no model of the organisation's own provider")
	}
	return e.Own.Of(ctx, live)
}

// known returns the name under which the engine caches what it has learned about a turn's
// model. A model of an own provider may have the name of another one, so what its server
// answers counts for that server and org only.
func (a *admitted) known() string {
	s := a.live.Settings
	if !s.Provider.Own() {
		return a.turn.Model
	}
	return fmt.Sprintf("%q", []string{a.turn.OrgID, string(s.Provider), s.BaseURL, s.Region, a.turn.Model})
}
