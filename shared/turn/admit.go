package turn

import (
	"bytes"
	"cmp"
	"context"
	"log/slog"
	"slices"
	"strings"
	"sync"

	"github.com/google/uuid"

	"github.com/quintet-agents/quintet/shared/agent"
	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/ledger"
	"github.com/quintet-agents/quintet/shared/thread"
)

// found is what admission read about a turn's thread and agent.
type found struct {
	threadID     string // empty until the agent of a new thread is known
	ours         bool   // we minted the id, so no other agent can start a thread with it
	conversation Conversation
	threadErr    error
	live         agent.Live
	liveErr      error
}

// admit reads the agent and the thread and opens the turn, concurrently, so that the
// store costs one round trip. If the reads refuse the turn, its hold is released.
func (e *Engine) admit(ctx context.Context, in Input, ask Admission) (*admitted, error) {
	var (
		hold    ledger.Hold
		holdErr error
		f       = found{threadID: in.ThreadID}
		hint    = in.Agent
		wave    sync.WaitGroup
	)
	switch {
	case hint == "":
		hint = thread.AgentHint(in.ThreadID)
	case in.ThreadID == "" && in.Own && uuid.Validate(hint) != nil:
		f.threadID, f.ours = thread.OwnID(in.Caller.ID(), hint), true // hint is the slug
	}
	if hint != "" && !agent.IsRef(hint) {
		return &admitted{}, agent.ErrNotFound
	}
	if hint != "" {
		wave.Go(func() { f.live, f.liveErr = e.Store.Live(ctx, ask.OrgID, hint) })
	}
	if f.threadID != "" {
		wave.Go(func() { e.readThread(ctx, ask.OrgID, &f) })
	}
	ask.Kind = kindOf(e.ownKey.Of(hint))
	wave.Go(func() { hold, holdErr = e.Store.Admit(ctx, ask) })
	wave.Wait()

	e.readRest(ctx, in, hint, &f)
	if kind := kindOf(f.live.Settings.Provider.Own()); f.liveErr == nil && kind != ask.Kind {
		// The guess of the kind was wrong: admit again, so that the right cap counts.
		if holdErr == nil {
			e.release(ctx, hold)
		}
		ask.Kind = kind
		hold, holdErr = e.Store.Admit(ctx, ask)
	}
	e.ownKey.Learn(hint, ask.Kind == ledger.OwnKey)
	if err := f.refusal(in); err != nil {
		if holdErr == nil {
			e.release(ctx, hold)
		}
		return &admitted{}, err
	}
	if holdErr != nil {
		return &admitted{live: f.live}, holdErr // the error may name the agent, because the caller may use it
	}
	a := e.admitted(in, ask, f, hold)
	if err := e.claimThread(ctx, a, f); err != nil {
		e.release(ctx, hold)
		return &admitted{}, err
	}
	return a, nil
}

// claimThread reserves a new thread under an id that the client chose. Another agent may
// start the same thread concurrently, and its owner must be known before the model call.
func (e *Engine) claimThread(ctx context.Context, a *admitted, f found) error {
	if !a.thread.Start || f.ours {
		return nil
	}
	c := ThreadClaim{OrgID: a.turn.OrgID, ThreadID: a.turn.ThreadID, AgentID: a.turn.AgentID, TurnID: a.turn.ID, At: a.turn.StartedAt}
	if err := e.Store.ClaimThread(ctx, c); err != nil {
		return err
	}
	a.threadClaim = &c
	return nil
}

func (e *Engine) readThread(ctx context.Context, orgID string, f *found) {
	f.conversation, f.threadErr = e.Store.Conversation(ctx, orgID, f.threadID, historyTurns)
}

// readRest reads the rest that depends on the results of the first reads.
func (e *Engine) readRest(ctx context.Context, in Input, hint string, f *found) {
	org := in.Caller.OrgID
	switch owner := f.conversation.Thread.AgentID; {
	case in.Agent == "" && f.threadErr == nil && owner != hint:
		f.live, f.liveErr = e.Store.Live(ctx, org, owner)
	case f.threadID == "" && f.liveErr == nil && in.Own:
		f.threadID, f.ours = thread.OwnID(in.Caller.ID(), f.live.Slug), true
		e.readThread(ctx, org, f)
	case f.threadID == "" && f.liveErr == nil:
		f.threadID, f.ours = thread.NewID(f.live.AgentID), true
		f.threadErr = thread.ErrNotFound // its id was just minted
	}
	if in.Agent != "" && f.liveErr == nil && f.starts() {
		if err := e.mayStart(ctx, in, f.threadID, f.live.AgentID); err != nil {
			f.threadErr = err
		}
	}
}

// mayStart returns the error that a turn of an agent must not start a thread with. An id in the
// form of a channel's thread belongs to the agent and the connection that it names, if they exist:
// a thread that began elsewhere would not be a channel's, so nobody could take it over or write
// to its contact. An id in any other form costs no read.
func (e *Engine) mayStart(ctx context.Context, in Input, threadID, agentID string) error {
	owner, connectionID, _, ok := thread.ParseChatID(threadID)
	if !ok || connectionID == in.Caller.KeyID { // the connection itself asks
		return nil
	}
	if owner != agentID {
		_, err := e.Store.Live(ctx, in.Caller.OrgID, owner)
		switch {
		case err == nil:
			return ErrOtherAgent
		case !fault.Is(err, fault.NotFound):
			return err
		}
	}
	switch taken, err := e.Store.HasConnection(ctx, in.Caller.OrgID, strings.ToLower(connectionID)); {
	case err != nil:
		return err
	case taken:
		return ErrChannelThread
	}
	return nil
}

// starts reports whether the turn starts its thread.
func (f found) starts() bool { return fault.Is(f.threadErr, fault.NotFound) }

// refusal returns the error that the thread or the agent refuses the turn with.
func (f found) refusal(in Input) error {
	if in.Agent == "" && f.threadErr != nil {
		return f.threadErr
	}
	if f.liveErr != nil {
		return f.liveErr
	}
	if err := in.Caller.May(f.live.AgentID); err != nil {
		return err
	}
	switch {
	case f.threadErr != nil && !f.starts():
		return f.threadErr
	case !f.starts() && f.conversation.Thread.AgentID != f.live.AgentID:
		return ErrOtherAgent
	}
	if slug := thread.OwnSlug(f.threadID); f.starts() && slug != "" && slug != f.live.Slug {
		return ErrOtherAgent
	}
	return unfit(f.live)
}

// unfit returns the error of an agent that can run no turns, nil for all others.
func unfit(live agent.Live) error {
	switch {
	case live.Deleted:
		return fault.New(fault.Gone, "The agent was deleted")
	case live.Deployed == nil:
		return fault.New(fault.NotDeployed, "The agent has no deployed version")
	}
	return nil
}

// ErrOtherAgent is the error of a turn whose thread belongs to another agent.
var ErrOtherAgent = fault.New(fault.Forbidden, "The thread belongs to another agent")

// ErrChannelThread is the error of a turn that would start the thread of a channel's contact.
var ErrChannelThread = fault.New(fault.Forbidden, "The id is that of a channel's thread, which begins with a message of the channel")

func (e *Engine) admitted(in Input, ask Admission, f found, hold ledger.Hold) *admitted {
	a := &admitted{
		input: in, live: f.live, before: f.conversation.Turns, hold: hold, gate: hold.AvailableBefore(), held: hold.Amount,
		thread: ThreadChange{Start: f.starts()}, progress: &progress{},
		turn: Turn{
			ID: ask.TurnID, OrgID: ask.OrgID, ThreadID: f.threadID, AgentID: f.live.AgentID, VersionID: f.live.Deployed.ID,
			KeyID: ask.KeyID, Channel: in.Channel, Model: e.modelOf(f.live),
			StartedAt: ask.At, User: in.Text,
		},
	}
	a.prices = hold.Account.PricesOf(ask.Kind, a.turn.Model)
	if f.starts() || f.conversation.Thread.Title == "" {
		a.thread.Title = thread.TitleFrom(in.Text)
	}
	if !bytes.Equal(in.Visitor, f.conversation.Thread.Visitor) {
		a.thread.Visitor = in.Visitor
	}
	return a
}

func (e *Engine) modelOf(live agent.Live) string {
	if live.Settings.Provider.Own() {
		return live.Settings.Model // the deployment's default is no model of theirs
	}
	return cmp.Or(live.Settings.Model, e.DefaultModel)
}

// release releases a hold. If that fails, the sweeper releases it later.
func (e *Engine) release(ctx context.Context, hold ledger.Hold) {
	if err := e.Store.Release(ctx, hold); err != nil {
		slog.ErrorContext(ctx, "hold not released; the sweeper will release it", "org_id", hold.OrgID, "turn_id", hold.TurnID, "error", err)
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
