package turn

import (
	"context"
	"log/slog"
	"slices"
	"sync"

	"github.com/quintet-agents/quintet/shared/agent"
	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/ledger"
	"github.com/quintet-agents/quintet/shared/thread"
)

// admit reads the agent and the thread and opens the turn, all side by side:
// the store is asked once, whatever the answer. What the reads refuse is
// released at once.
func (e *Engine) admit(ctx context.Context, in Input) (admitted, error) {
	var (
		live                        agent.Live
		conversation                Conversation
		hold                        ledger.Hold
		liveErr, threadErr, holdErr error

		org  = in.Caller.OrgID
		hint = thread.AgentHint(in.ThreadID)
		ask  = Admission{OrgID: org, KeyID: in.Caller.KeyID, TurnID: NewID(), At: e.Now()}
		wave sync.WaitGroup
	)
	if hint != "" {
		wave.Go(func() { live, liveErr = e.Store.Live(ctx, org, hint) })
	}
	wave.Go(func() { conversation, threadErr = e.Store.Conversation(ctx, org, in.ThreadID, historyTurns) })
	wave.Go(func() { hold, holdErr = e.Store.Admit(ctx, ask) })
	wave.Wait()

	if owner := conversation.Thread.AgentID; threadErr == nil && owner != hint {
		live, liveErr = e.Store.Live(ctx, org, owner)
	}
	if err := refusal(in, conversation, live, threadErr, liveErr); err != nil {
		if holdErr == nil {
			e.release(ctx, hold)
		}
		return admitted{}, err
	}
	if holdErr != nil {
		return admitted{}, holdErr
	}
	return admitted{
		input: in, live: live, history: recent(conversation.Turns), hold: hold,
		turn: Turn{
			ID: ask.TurnID, OrgID: org, ThreadID: in.ThreadID, AgentID: live.AgentID, VersionID: live.Deployed.ID,
			KeyID: in.Caller.KeyID, Channel: in.Channel, Model: e.modelOf(live),
			Number: conversation.Last() + 1, StartedAt: ask.At, User: in.Text,
		},
	}, nil
}

// refusal tells what the thread or its agent has against the turn.
func refusal(in Input, c Conversation, live agent.Live, threadErr, liveErr error) error {
	if threadErr != nil {
		return threadErr
	}
	if err := in.Caller.May(c.Thread.AgentID); err != nil {
		return err
	}
	switch {
	case liveErr != nil:
		return liveErr
	case live.Deleted:
		return fault.New(fault.Gone, "The agent was deleted")
	case live.Deployed == nil:
		return fault.New(fault.NotDeployed, "The agent has no deployed version")
	}
	return nil
}

func (e *Engine) modelOf(live agent.Live) string {
	if live.Model != "" {
		return live.Model
	}
	return e.DefaultModel
}

// release gives a hold back. A failure is left to the sweeper.
func (e *Engine) release(ctx context.Context, hold ledger.Hold) {
	if err := e.Store.Release(ctx, hold); err != nil {
		slog.ErrorContext(ctx, "release failed, the sweeper will", "org_id", hold.OrgID, "turn_id", hold.TurnID, "error", err)
	}
}

// recent returns the latest turns that together stay within historyBytes.
func recent(turns []Turn) []Turn {
	size := 0
	for i, turn := range slices.Backward(turns) {
		size += len(turn.User) + len(turn.Assistant)
		if size > historyBytes {
			return turns[i+1:]
		}
	}
	return turns
}
