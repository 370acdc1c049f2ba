package turn_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/quintet-agents/quintet/shared/connection"
	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/ledger"
	"github.com/quintet-agents/quintet/shared/model"
	"github.com/quintet-agents/quintet/shared/turn"
)

// say runs a turn with the rig's agent in a thread that may be new.
func (r *rig) say(agent, threadID, text string, change ...func(*turn.Input)) (turn.Outcome, error) {
	in := r.input(text)
	in.Agent, in.ThreadID = agent, threadID
	for _, c := range change {
		c(&in)
	}
	return r.engine.Run(context.Background(), in, &sink{})
}

func own(in *turn.Input) { in.Own = true }

func TestRun_StartsThread(t *testing.T) {
	r := newRig(t, ledger.Credit)
	for name, c := range map[string]struct{ agent, thread string }{
		"under the client's id": {r.agent.Slug, "customer:42"},
		"under one of ours":     {r.agent.ID, ""},
	} {
		t.Run(name, func(t *testing.T) {
			first, err := r.say(c.agent, c.thread, "hello", func(in *turn.Input) { in.Visitor = json.RawMessage(`{"id":"v1"}`) })
			if err != nil || len(first.Before) != 0 || !first.Turn.Starts {
				t.Fatalf("got %+v, %v; want a turn that starts the thread", first, err)
			}
			if c.thread != "" && first.Turn.ThreadID != c.thread {
				t.Errorf("got thread %s, want %s", first.Turn.ThreadID, c.thread)
			}
			th, err := r.Store.Thread(context.Background(), r.org, first.Turn.ThreadID)
			if err != nil || th.Title != "hello" || string(th.Visitor) != `{"id":"v1"}` || th.AgentID != r.agent.ID {
				t.Errorf("got thread %+v, %v; want title hello, visitor v1, agent %s", th, err, r.agent.ID)
			}
			listed, err := r.Store.Threads(context.Background(), r.org, r.agent.ID, nil, 1)
			if err != nil || len(listed) != 1 || listed[0].ID != th.ID {
				t.Errorf("got threads %+v, %v; want only %s", listed, err, th.ID)
			}
			next, err := r.say(r.agent.ID, first.Turn.ThreadID, "[[recall]]")
			if err != nil || next.Turn.Assistant != "hello" || len(next.Before) != 1 {
				t.Errorf(`got %+v, %v; want "hello" after one turn`, next, err)
			}
		})
	}
}

// A caller's own thread with an agent is the same by id and by slug. Another caller has
// another thread.
func TestRun_OwnThread(t *testing.T) {
	r := newRig(t, ledger.Credit)
	first, err := r.say(r.agent.Slug, "", "one", own)
	if err != nil {
		t.Fatal(err)
	}
	second, err := r.say(r.agent.ID, "", "[[recall]]", own)
	if err != nil || second.Turn.ThreadID != first.Turn.ThreadID || second.Turn.Assistant != "one" {
		t.Errorf(`got %+v, %v; want "one" in thread %s`, second.Turn, err, first.Turn.ThreadID)
	}
	other, err := r.say(r.agent.Slug, "", "[[recall]]", own, func(in *turn.Input) { in.Caller.KeyID = "another" })
	if err != nil || other.Turn.ThreadID == first.Turn.ThreadID || other.Turn.Assistant == "one" {
		t.Errorf(`got %+v, %v; want another thread than %s without "one"`, other.Turn, err, first.Turn.ThreadID)
	}
}

func TestRun_ThreadOfAnotherAgent(t *testing.T) {
	r := newRig(t, ledger.Credit)
	other := r.Agent(t, r.org, "x")
	if _, err := r.say(other.ID, "taken", "mine"); err != nil {
		t.Fatal(err)
	}
	_, err := r.say(r.agent.ID, "taken", "hi")
	wantCode(t, err, fault.Forbidden)
	_, err = r.say("nobody", "taken", "hi")
	wantCode(t, err, fault.NotFound)
}

// An id in the form of another agent's channel threads cannot be started: the messages of that
// chat could not be answered any more. An id that only looks like one is the client's to choose.
func TestRun_ThreadOfAnotherAgentsChat(t *testing.T) {
	r := newRig(t, ledger.Credit)
	other := r.Agent(t, r.org, "x")
	const tail = ".0190d3c0-7a5e-7cc3-98c4-dc0c0c07398f.0190d3c0-7a5e-7cc3-98c4-dc0c0c07398e"
	_, err := r.say(r.agent.ID, other.ID+tail, "hi")
	wantCode(t, err, fault.Forbidden)
	for _, id := range []string{r.agent.ID + tail, "0190d3c0-7a5e-7cc3-98c4-dc0c0c07398d" + tail, other.ID + ".0190d3c0-7a5e-7cc3-98c4-dc0c0c07398f"} {
		if _, err := r.say(r.agent.ID, id, "hi"); err != nil {
			t.Errorf("%s: got %v, want it started", id, err)
		}
	}
}

// Only a connection starts the threads of its contacts: one that began over another surface would
// be no channel's. The id says where the thread belongs, and other orgs cannot take it.
func TestRun_ThreadOfChannel(t *testing.T) {
	r := newRig(t, ledger.Credit)
	c := connection.Connection{ID: connection.NewID(), OrgID: r.org, AgentID: r.agent.ID, Channel: connection.WhatsApp, Name: "Shop"}
	if err := r.Store.CreateConnection(t.Context(), nil, c, connection.Sealed{}); err != nil {
		t.Fatal(err)
	}
	id := r.agent.ID + "." + c.ID + ".0190d3c0-7a5e-7cc3-98c4-dc0c0c07398e"
	for _, asked := range []string{id, r.agent.ID + "." + strings.ToUpper(c.ID) + ".0190d3c0-7a5e-7cc3-98c4-dc0c0c07398e"} {
		_, err := r.say(r.agent.ID, asked, "hi")
		wantCode(t, err, fault.Forbidden)
		in := r.input("hi")
		in.Agent, in.ThreadID = r.agent.ID, asked
		_, err = r.engine.Check(t.Context(), in)
		wantCode(t, err, fault.Forbidden)
	}
	_, err := r.say("", id, "hi") // it must exist
	wantCode(t, err, fault.NotFound)
	r.wantBooks(t, ledger.Credit)

	other := r.Org(t, ledger.Credit)
	theirs := r.Agent(t, other, "x")
	if _, err := r.say(theirs.ID, id, "hi", func(in *turn.Input) { in.Caller.OrgID = other }); err != nil {
		t.Errorf("got %v for another org, want its own thread", err)
	}
	byConnection := func(in *turn.Input) { in.Caller.KeyID, in.Channel = c.ID, string(c.Channel) }
	first, err := r.say(r.agent.ID, id, "hello", byConnection)
	if err != nil || !first.Turn.Starts || len(first.Before) != 0 {
		t.Fatalf("got %+v, %v; want a turn that starts the thread", first, err)
	}
	next, err := r.say(r.agent.ID, id, "[[recall]]") // a thread is the same for all surfaces
	if err != nil || next.Turn.Assistant != "hello" {
		t.Errorf("got %q, %v; want hello", next.Turn.Assistant, err)
	}
}

// Two agents race for a thread's id: one gets it, and the other's turn has no effect.
func TestClaimThread_Race(t *testing.T) {
	r := newRig(t, ledger.Credit)
	other := r.Agent(t, r.org, "x")
	errs, charges := [2]error{}, [2]ledger.Credits{}
	var race sync.WaitGroup
	for i, agent := range []string{r.agent.ID, other.ID} {
		race.Go(func() {
			out, err := r.say(agent, "wanted", "hi")
			errs[i], charges[i] = err, out.Turn.Charge
		})
	}
	race.Wait()
	lost := 0
	for _, err := range errs {
		if err != nil {
			lost++
			if !fault.Is(err, fault.Conflict) && !fault.Is(err, fault.Forbidden) {
				t.Errorf("got %v, want Conflict or Forbidden", err)
			}
		}
	}
	if lost != 1 {
		t.Errorf("got %d refused, want 1", lost)
	}
	r.wantBooks(t, ledger.Credit-charges[0]-charges[1])
}

// The id of a deleted thread can start a new thread. It has no history, and the cleanup of
// the old thread leaves it alone.
func TestRun_DeletedThread(t *testing.T) {
	r := newRig(t, ledger.Credit)
	if _, err := r.say(r.agent.ID, "again", "old"); err != nil {
		t.Fatal(err)
	}
	time.Sleep(2 * time.Millisecond) // stamps have milliseconds
	if err := r.Store.DeleteThread(context.Background(), nil, r.org, "again", time.Now()); err != nil {
		t.Fatal(err)
	}
	time.Sleep(2 * time.Millisecond)
	other := r.Agent(t, r.org, "x")
	if out, err := r.say(other.ID, "again", "[[recall]] new"); err != nil || out.Turn.Assistant != "" && out.Turn.Assistant != " new" {
		t.Fatalf("got %q, %v; want nothing recalled", out.Turn.Assistant, err)
	}
	if _, err := r.Store.Sweep(context.Background(), time.Now().Add(ledger.HoldLife+time.Minute)); err != nil {
		t.Fatal(err)
	}
	c, err := r.Store.Conversation(context.Background(), r.org, "again", 10)
	if err != nil || len(c.Turns) != 1 || c.Turns[0].User != "[[recall]] new" || c.Thread.AgentID != other.ID || c.Thread.Title == "" {
		t.Errorf("got %+v, %v; want one turn and a title in a thread of %s", c, err, other.ID)
	}
}

// The model receives the client-sent history of a new thread.
func TestRun_ClientHistory(t *testing.T) {
	r := newRig(t, ledger.Credit)
	out, err := r.say(r.agent.ID, "", "[[recall]]", func(in *turn.Input) {
		in.History = []model.Message{{Role: model.User, Text: "one"}, {Role: model.Assistant, Text: "1"}, {Role: model.User, Text: "two"}}
	})
	if err != nil || out.Turn.Assistant != "one | two" {
		t.Errorf(`got %q, %v; want "one | two"`, out.Turn.Assistant, err)
	}
}

// A client-sent history is cut to the length of a thread's history.
func TestRun_ClientHistoryBounded(t *testing.T) {
	r := newRig(t, ledger.Credit*1000)
	for name, c := range map[string]struct{ turns, bytes, shown int }{
		"many":  {60, 1, 50},
		"long":  {3, 80_000, 2},
		"short": {3, 1, 3},
	} {
		t.Run(name, func(t *testing.T) {
			var history []model.Message
			for range c.turns {
				history = append(history, model.Message{Role: model.User, Text: strings.Repeat("x", c.bytes)}, model.Message{Role: model.Assistant, Text: "y"})
			}
			out, err := r.say(r.agent.ID, "", "[[recall]]", func(in *turn.Input) { in.History = history })
			if shown := strings.Count(out.Turn.Assistant, " | ") + 1; err != nil || shown != c.shown {
				t.Errorf("got %d messages shown, want %d; %v", shown, c.shown, err)
			}
		})
	}
}

func TestRun_ReportsBalance(t *testing.T) {
	r := newRig(t, ledger.Credit)
	out, err := r.say(r.agent.ID, "", "hi", func(in *turn.Input) { in.Balance = true })
	if err != nil || out.Available != ledger.Credit-out.Turn.Charge {
		t.Errorf("got %d available, %v; want %d", out.Available, err, ledger.Credit-out.Turn.Charge)
	}
}

// If the account cannot be read after an answer, the balance is computed from the one at
// admission.
func TestRun_BalanceUnavailable(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		once bool
	}{
		"answered":         {text: "hi"},
		"answered, once":   {text: "hi", once: true},
		"broken off":       {text: "[[break 2]] [[words 5]]"},
		"broken off, once": {text: "[[break 2]] [[words 5]]", once: true},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, ledger.Credit)
			r.engine.Store = unreadable{r.Store}
			ask := func(in *turn.Input) {
				in.Balance = true
				if c.once {
					in.Once = r.once(t, "k", c.text)
				}
			}
			first, err := r.say(r.agent.ID, "", c.text, ask)
			if failed := strings.Contains(c.text, "break"); failed != (err != nil) || first.Turn.Charge == 0 {
				t.Fatalf("got %+v, %v; want a charge, an error: %t", first.Turn, err, failed)
			}
			if first.Available != ledger.Credit-first.Turn.Charge {
				t.Errorf("got %d available, want %d", first.Available, ledger.Credit-first.Turn.Charge)
			}
			if !c.once {
				return
			}
			again, errAgain := r.say(r.agent.ID, "", c.text, ask)
			if !again.Replayed || told(errAgain) != told(err) || again.Available != first.Available {
				t.Errorf("got %d available, %v again; want %d, %v as at first", again.Available, errAgain, first.Available, err)
			}
		})
	}
}

type unreadable struct{ turn.Store }

func (unreadable) Account(context.Context, string) (ledger.Account, error) {
	return ledger.Account{}, errors.New("connection reset")
}

// A refusal for credits or a failed answer names the agent, also if the caller used its
// slug. It names no agent that the caller may not use.
func TestRun_RefusalNamesAgent(t *testing.T) {
	for text, c := range map[string]struct {
		balance ledger.Credits
		code    fault.Code
	}{
		"hi":           {0, fault.InsufficientCredits},
		"[[throttle]]": {ledger.Credit, fault.ModelUnavailable},
		"[[nomodel]]":  {ledger.Credit, fault.ModelRefused},
	} {
		r := newRig(t, c.balance)
		out, err := r.say(r.agent.Slug, "", text)
		wantCode(t, err, c.code)
		if out.AgentID != r.agent.ID {
			t.Errorf("%s: got agent %q, want %q", text, out.AgentID, r.agent.ID)
		}
	}
	r := newRig(t, 0)
	out, err := r.say(r.agent.Slug, "", "hi", func(in *turn.Input) { in.Caller.AgentID = "another" })
	wantCode(t, err, fault.Forbidden)
	if out.AgentID != "" {
		t.Errorf("got agent %q, want none", out.AgentID)
	}
}
