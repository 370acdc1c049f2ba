package turn

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/idempotency"
	"github.com/quintet-agents/quintet/shared/identity"
	"github.com/quintet-agents/quintet/shared/ledger"
)

// Status is what has become of a turn.
type Status string

// The statuses. A failed turn is settled for what it produced before its error, like a
// cancelled one.
const (
	Running   Status = "running"
	Settled   Status = "settled"
	Failed    Status = "failed"
	Cancelled Status = "cancelled"
)

// State is a turn as its org sees it: as settled, or as far as it has come.
type State struct {
	Turn Turn
	Held ledger.Credits // by a running turn, which cannot cost more

	// Open is set for a turn that runs. Only the id and the start of such a turn are known
	// before it has published its progress.
	Open bool
	At   time.Time // of the latest progress of a running turn; zero before the first
}

// Status returns what has become of the turn.
func (s State) Status() Status {
	switch {
	case s.Open:
		return Running
	case s.Turn.Cancelled:
		return Cancelled
	case s.Turn.Interrupted:
		return Failed
	}
	return Settled
}

// known reports whether a running turn has said whose it is.
func (s State) known() bool { return !s.At.IsZero() }

// MonitorStore keeps what a Monitor shows and asks for.
type MonitorStore interface {
	// OpenTurns returns what an org's open turns hold, by their ids.
	OpenTurns(ctx context.Context, orgID string) (map[string]ledger.Credits, error)

	// WatchTurns asks an org's running turns to publish their progress until the given
	// time, and returns the time since when they are asked to.
	WatchTurns(ctx context.Context, orgID string, now, until time.Time) (since time.Time, err error)

	// ProgressOf returns the latest progress of turns, by their ids. Turns that have
	// published nothing are left out.
	ProgressOf(ctx context.Context, orgID string, ids []string) (map[string]Progress, error)

	// SettledTurn returns a settled turn by its id. The error is ErrNoTurn if there is
	// none; the read is eventually consistent.
	SettledTurn(ctx context.Context, orgID, id string) (Turn, error)

	// CancelTurn asks a running turn to stop. The state is the result of the change.
	CancelTurn(ctx context.Context, once *idempotency.Change, s State, now time.Time) error

	// CancelTurnOf asks a running turn to stop if it is the agent's.
	CancelTurnOf(ctx context.Context, s State, agentID string, now time.Time) error
}

// The errors of a Monitor.
var (
	ErrNoTurn = fault.New(fault.NotFound, "Turn not found")
	ErrEnded  = fault.New(fault.Conflict, "The turn has ended, so it cannot be cancelled")
)

// Monitor watches and cancels an org's turns. The open turns are in the org's account, what
// each has used is in its function's memory: the first request for it asks the running turns
// to publish it, and waits for them.
type Monitor struct {
	Store MonitorStore
	Now   func() time.Time
}

const (
	// watchTime is how long turns publish their progress after a request for it.
	watchTime = 15 * time.Second

	// publishTime is how long a turn that is asked for its progress may take to publish it.
	publishTime = LookEvery + 500*time.Millisecond

	// glance is the interval at which a request looks for progress that it waits for.
	glance = 250 * time.Millisecond
)

// List returns up to limit running turns of an org, newest first, and whether there are
// more: those that started before the given one, or the newest.
func (m *Monitor) List(ctx context.Context, orgID, before string, limit int) (page []State, more bool, err error) {
	held, err := m.Store.OpenTurns(ctx, orgID)
	if err != nil {
		return nil, false, err
	}
	open := running(orgID, held)
	if before != "" {
		open = slices.DeleteFunc(open, func(s State) bool { return newestFirst(s, State{Turn: Turn{ID: before}}) <= 0 })
	}
	more = len(open) > limit
	page = open[:min(limit, len(open))]
	if len(page) == 0 {
		return page, more, nil
	}
	now := m.Now()
	since, err := m.Store.WatchTurns(ctx, orgID, now, now.Add(watchTime))
	if err != nil {
		return nil, false, err
	}
	// A young turn has not looked yet, and most of them end before that.
	old := func(s State) bool { return now.Sub(s.Turn.StartedAt) > LookEvery }
	for {
		if err := m.fill(ctx, orgID, page); err != nil {
			return nil, false, err
		}
		waits := slices.ContainsFunc(page, func(s State) bool { return old(s) && s.At.Before(since) })
		if !waits || !m.wait(ctx, since.Add(publishTime)) {
			return page, more, nil
		}
	}
}

// running returns open turns, newest first.
func running(orgID string, held map[string]ledger.Credits) []State {
	open := make([]State, 0, len(held))
	for id, amount := range held {
		open = append(open, opened(orgID, id, amount))
	}
	slices.SortFunc(open, newestFirst)
	return open
}

// opened returns an open turn that has published nothing.
func opened(orgID, id string, held ledger.Credits) State {
	return State{Turn: Turn{ID: id, OrgID: orgID, StartedAt: StartedAt(id)}, Held: held, Open: true}
}

func newestFirst(a, b State) int {
	return -cmp.Or(StartedAt(a.Turn.ID).Compare(StartedAt(b.Turn.ID)), strings.Compare(a.Turn.ID, b.Turn.ID))
}

// fill adds the latest progress to running turns.
func (m *Monitor) fill(ctx context.Context, orgID string, open []State) error {
	ids := make([]string, len(open))
	for i, s := range open {
		ids[i] = s.Turn.ID
	}
	latest, err := m.Store.ProgressOf(ctx, orgID, ids)
	if err != nil {
		return err
	}
	for i, s := range open {
		if p, ok := latest[s.Turn.ID]; ok {
			open[i].Turn, open[i].At = p.Turn, p.At
		}
	}
	return nil
}

// wait pauses for a moment, and reports false at the given time.
func (m *Monitor) wait(ctx context.Context, until time.Time) bool {
	if !m.Now().Before(until) {
		return false
	}
	select {
	case <-ctx.Done():
		return false
	case <-time.After(glance):
		return true
	}
}

// Get returns a turn that the caller may see. The error is ErrNoTurn for an unknown turn, and
// for one that was released without a charge.
func (m *Monitor) Get(ctx context.Context, caller identity.Caller, id string) (State, error) {
	s, err := m.get(ctx, caller.OrgID, id)
	if err != nil {
		return State{}, err
	}
	if s.Open && !s.known() && caller.AgentID != "" {
		return State{}, ErrNoTurn // it may be another agent's
	}
	return s, caller.May(s.Turn.AgentID)
}

func (m *Monitor) get(ctx context.Context, orgID, id string) (State, error) {
	if !m.plausible(id) {
		return State{}, ErrNoTurn
	}
	var since time.Time
	for {
		s, err := m.open(ctx, orgID, id)
		if err != nil {
			return State{}, err
		}
		if !s.Open {
			return m.ended(ctx, orgID, id)
		}
		if since.IsZero() {
			now := m.Now()
			if since, err = m.Store.WatchTurns(ctx, orgID, now, now.Add(watchTime)); err != nil {
				return State{}, err
			}
			if s.Turn.StartedAt.After(since) {
				since = s.Turn.StartedAt
			}
		}
		one := []State{s}
		if err := m.fill(ctx, orgID, one); err != nil {
			return State{}, err
		}
		if !one[0].At.Before(since) || !m.wait(ctx, since.Add(publishTime)) {
			return one[0], nil
		}
	}
}

// plausible reports whether an id may be of a turn.
func (m *Monitor) plausible(id string) bool {
	started := StartedAt(id)
	return !started.IsZero() && started.Before(m.Now().Add(clockSkew))
}

// open returns a turn, and whether it is among the account's open ones.
func (m *Monitor) open(ctx context.Context, orgID, id string) (State, error) {
	held, err := m.Store.OpenTurns(ctx, orgID)
	if err != nil {
		return State{}, err
	}
	s := opened(orgID, id, held[id])
	_, s.Open = held[id]
	return s, nil
}

// ended returns a settled turn. One that has just settled may not be found at once.
func (m *Monitor) ended(ctx context.Context, orgID, id string) (State, error) {
	end := m.Now().Add(2 * glance)
	young := m.Now().Sub(StartedAt(id)) < ledger.HoldLife+clockSkew
	for {
		t, err := m.Store.SettledTurn(ctx, orgID, id)
		if !fault.Is(err, fault.NotFound) || !young || !m.wait(ctx, end) {
			return State{Turn: t}, err
		}
	}
}

// Cancel asks a running turn to stop. It ends within 3 s, settled for what it produced. A turn
// that was cancelled before is returned as it is; ErrEnded is the error of any other that has
// ended.
func (m *Monitor) Cancel(ctx context.Context, once *idempotency.Change, caller identity.Caller, id string) (State, error) {
	if !m.plausible(id) {
		return State{}, ErrNoTurn
	}
	s, err := m.open(ctx, caller.OrgID, id)
	switch {
	case err != nil:
		return State{}, err
	case !s.Open:
		s, err = m.Get(ctx, caller, id)
	case caller.AgentID != "":
		s, err = m.claim(ctx, caller, s)
	}
	if err != nil {
		return State{}, err
	}
	if s.Status() == Settled || s.Status() == Failed {
		return State{}, ErrEnded
	}
	return s, m.Store.CancelTurn(ctx, once, s, m.Now())
}

// claim returns a running turn that a caller with a bound key may cancel. Nothing but the turn knows
// its agent. If it has not published that, waiting for it first would take too long: it is asked at
// once to stop if its agent is the caller's.
func (m *Monitor) claim(ctx context.Context, caller identity.Caller, s State) (State, error) {
	one := []State{s}
	if err := m.fill(ctx, caller.OrgID, one); err != nil {
		return State{}, err
	}
	if one[0].known() {
		return one[0], caller.May(one[0].Turn.AgentID)
	}
	if err := m.Store.CancelTurnOf(ctx, s, caller.AgentID, m.Now()); err != nil {
		return State{}, err
	}
	return m.Get(ctx, caller, s.Turn.ID)
}
