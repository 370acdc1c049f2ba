package turn

import (
	"cmp"
	"context"
	"sync"

	"github.com/quintet-agents/quintet/shared/agent"
	"github.com/quintet-agents/quintet/shared/thread"
)

// Check returns the agent's id, and the error that its agent or thread would refuse the
// turn with. It holds and counts nothing. It serves turns that run later; the input must
// name an agent.
func (e *Engine) Check(ctx context.Context, in Input) (agentID string, err error) {
	if !agent.IsRef(in.Agent) {
		return "", agent.ErrNotFound
	}
	var (
		org  = in.Caller.OrgID
		f    = found{threadID: in.ThreadID, threadErr: thread.ErrNotFound}
		wave sync.WaitGroup
	)
	wave.Go(func() { f.live, f.liveErr = e.recent(ctx, org, in.Agent) })
	if f.threadID != "" {
		wave.Go(func() { f.conversation, f.threadErr = e.Store.Conversation(ctx, org, f.threadID, 0) })
	}
	wave.Wait()
	if f.liveErr == nil && f.threadID != "" && f.starts() {
		if err := e.mayStart(ctx, in, f.threadID, f.live.AgentID); err != nil {
			f.threadErr = err
		}
	}
	return f.live.AgentID, f.refusal(in)
}

// recent returns an agent. Agents that can run turns are cached for some seconds, which
// is safe because Run reads the agent again.
func (e *Engine) recent(ctx context.Context, orgID, idOrSlug string) (agent.Live, error) {
	live, err := e.ready.Get(ctx, e.Now(), orgID+" "+idOrSlug, func(ctx context.Context, _ string) (agent.Live, error) {
		live, err := e.Store.Live(ctx, orgID, idOrSlug)
		return live, cmp.Or(err, unfit(live))
	})
	if live.AgentID != "" {
		return live, nil // the caller handles unfit agents
	}
	return live, err
}
