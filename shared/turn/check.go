package turn

import (
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
	wave.Go(func() { f.live, f.liveErr = e.Store.Live(ctx, org, in.Agent) })
	if f.threadID != "" {
		wave.Go(func() { f.conversation, f.threadErr = e.Store.Conversation(ctx, org, f.threadID, 0) })
	}
	wave.Wait()
	return f.live.AgentID, f.refusal(in)
}
