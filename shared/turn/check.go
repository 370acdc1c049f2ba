package turn

import (
	"cmp"
	"context"
	"sync"

	"github.com/quintet-agents/quintet/shared/agent"
)

// Check returns the error that would refuse a turn before it is admitted, as
// far as its agent and its thread can tell, and the agent's id. Nothing is held
// or counted. It is for turns that are run later; the input names an agent.
func (e *Engine) Check(ctx context.Context, in Input) (agentID string, err error) {
	if !agent.IsRef(in.Agent) {
		return "", agent.ErrNotFound
	}
	var (
		org  = in.Caller.OrgID
		f    = found{threadID: in.ThreadID, threadErr: errFresh}
		wave sync.WaitGroup
	)
	wave.Go(func() { f.live, f.liveErr = e.recent(ctx, org, in.Agent) })
	if f.threadID != "" {
		wave.Go(func() { f.conversation, f.threadErr = e.Store.Conversation(ctx, org, f.threadID, 0) })
	}
	wave.Wait()
	return f.live.AgentID, f.refusal(in)
}

// recent returns an agent. One that runs turns is remembered for some seconds:
// it is looked at again when the turn is run.
func (e *Engine) recent(ctx context.Context, orgID, idOrSlug string) (agent.Live, error) {
	live, err := e.ready.Get(ctx, e.Now(), orgID+" "+idOrSlug, func(ctx context.Context, _ string) (agent.Live, error) {
		live, err := e.Store.Live(ctx, orgID, idOrSlug)
		return live, cmp.Or(err, unfit(live))
	})
	if live.AgentID != "" {
		return live, nil // what it is unfit for, its caller finds
	}
	return live, err
}
