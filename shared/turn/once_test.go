package turn_test

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/quintet-agents/quintet/shared/agent"
	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/idempotency"
	"github.com/quintet-agents/quintet/shared/ledger"
	"github.com/quintet-agents/quintet/shared/model"
	"github.com/quintet-agents/quintet/shared/turn"
)

func (r *rig) once(t *testing.T, clientKey, body string) *idempotency.Key {
	t.Helper()
	k, err := idempotency.New(r.org, "POST", "/x", clientKey, []byte(body))
	if err != nil {
		t.Fatal(err)
	}
	return &k
}

func (r *rig) runOnce(t *testing.T, clientKey, text string) (turn.Outcome, *sink, error) {
	t.Helper()
	in, s := r.input(text), &sink{}
	in.Once, in.Balance = r.once(t, clientKey, text), true
	out, err := r.engine.Run(context.Background(), in, s)
	return out, s, err
}

// A replay repeats the original events one by one, with tools and the final error, and
// costs nothing.
func TestReplay_SameEvents(t *testing.T) {
	for _, text := range []string{"hello", "[[words 30]]", "👩‍👩‍👧 שלום", `[[tool add {"a":1}]] [[words 3]]`, "[[break 3]] [[words 9]]", `[[tool add {"a":1}]] [[break 0]]`, "[[words 0]]"} {
		t.Run(text, func(t *testing.T) {
			r := newRig(t, ledger.Credit)
			r.engine.Toolbox = toolbox{}
			first, heard, firstErr := r.runOnce(t, "k", text)
			if _, _, err := r.run("something else"); err != nil {
				t.Fatal(err)
			}
			balance := r.Account(t, r.org).Balance()
			again, heardAgain, err := r.runOnce(t, "k", text)
			if !again.Replayed || first.Replayed || told(err) != told(firstErr) {
				t.Fatalf("got replayed=%v, %v; want true, %v as at first", again.Replayed, err, firstErr)
			}
			again.Replayed = false
			if d := cmp.Diff(first, again, cmp.Comparer(sameMillisecond), cmp.Comparer(sameTurns)); d != "" {
				t.Errorf("outcome (-first +again):\n%s", d)
			}
			if d := cmp.Diff(heard.heard, heardAgain.heard); d != "" {
				t.Errorf("answer (-first +replayed):\n%s", d)
			}
			r.wantBooks(t, balance)
		})
	}
}

// A replay returns the history that the original turn saw, no matter how many turns
// settled concurrently.
func TestReplay_ConcurrentTurns(t *testing.T) {
	const more, meanwhile = 52, 3 // more than the history has room for
	r := newRig(t, 10*ledger.Credit)
	for i := range more {
		if _, _, err := r.run(strconv.Itoa(i)); err != nil {
			t.Fatal(err)
		}
	}
	r.engine.Toolbox = callback(func() {
		for range meanwhile {
			if _, _, err := r.run("meanwhile"); err != nil {
				t.Error(err)
			}
		}
	})
	first, _, err := r.runOnce(t, "k", `[[tool wait {}]]`)
	if err != nil {
		t.Fatal(err)
	}
	again, _, err := r.runOnce(t, "k", `[[tool wait {}]]`)
	if err != nil || !again.Replayed {
		t.Fatalf("got replayed=%v, %v; want true, no error", again.Replayed, err)
	}
	if d := cmp.Diff(first.Before, again.Before); d != "" {
		t.Errorf("before (-first +again):\n%s", d)
	}
}

// callback is a toolbox whose tool runs a function of the test.
type callback func()

func (callback) Tools(context.Context, agent.Live) ([]model.Tool, error) { return nil, nil }

func (c callback) Call(context.Context, agent.Live, model.ToolCall) (string, error) {
	c()
	return "done", nil
}

// told is the part of an error that a client receives.
func told(err error) string {
	if err == nil {
		return ""
	}
	return string(fault.From(err).Code) + fault.From(err).Message
}

// No turns before are as good as an empty list of them.
func sameTurns(a, b []turn.Turn) bool {
	return len(a) == len(b) && (len(a) == 0 || cmp.Equal(a, b, cmp.Comparer(sameMillisecond)))
}

// A replay of a turn without credits reports the original balance.
func TestReplay_WithoutCredits(t *testing.T) {
	r := newRig(t, ledger.DefaultHold, func(a *ledger.Account) { a.Prices = ledger.Prices{PerOutput1K: 100 * ledger.Credit} })
	r.engine.Model = spender{}
	_, _, first := r.runOnce(t, "broke", "hi")
	out, _, again := r.runOnce(t, "broke", "hi")
	if !out.Replayed || !fault.Is(first, fault.InsufficientCredits) || fault.From(first).Details.Balance != "0.500" {
		t.Fatalf("got replayed=%v, %v; want true, InsufficientCredits with balance 0.500", out.Replayed, first)
	}
	if d := cmp.Diff(fault.From(first), fault.From(again)); d != "" {
		t.Errorf("(-first +again):\n%s", d)
	}
}

func TestClaim_Mismatch(t *testing.T) {
	r := newRig(t, ledger.Credit)
	if _, _, err := r.runOnce(t, "k", "one"); err != nil {
		t.Fatal(err)
	}
	_, _, err := r.runOnce(t, "k", "two")
	if !errors.Is(err, idempotency.ErrMismatch) {
		t.Errorf("got %v, want ErrMismatch", err)
	}
}

// A turn without effect releases its key, so that a retry runs for real.
func TestClaim_FailedTurnReleasesKey(t *testing.T) {
	for name, c := range map[string]struct {
		balance ledger.Credits
		text    string
	}{
		"refused by the gate":  {0, "hi"},
		"refused by the model": {ledger.Credit, "[[throttle]]"},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, c.balance)
			for range 2 {
				out, _, err := r.runOnce(t, "k", c.text)
				if err == nil || out.Replayed || errors.Is(err, idempotency.ErrRunning) {
					t.Errorf("got replayed=%v, %v; want false and the error of the turn", out.Replayed, err)
				}
			}
			r.wantBooks(t, c.balance)
		})
	}
}

// One of several concurrent duplicates runs; the others replay it or get ErrRunning.
func TestClaim_ConcurrentDuplicates(t *testing.T) {
	r := newRig(t, ledger.Credit)
	var race sync.WaitGroup
	var mu sync.Mutex
	ids := map[string]int{}
	for range 16 {
		race.Go(func() {
			out, _, err := r.runOnce(t, "k", "[[words 5]]")
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err == nil:
				ids[out.Turn.ID]++
			case !errors.Is(err, idempotency.ErrRunning):
				t.Errorf("got %v, want nil or ErrRunning", err)
			}
		})
	}
	race.Wait()
	if turns := r.turns(t); len(turns) != 1 || len(ids) != 1 || ids[turns[0].ID] == 0 {
		t.Errorf("got %d turns, ids %v; want one turn and its id", len(turns), ids)
	} else {
		r.wantBooks(t, ledger.Credit-turns[0].Charge)
	}
}

// The key of a turn that died is free when its claim expires. If that turn is alive after
// all, its settlement is refused: a key is charged once.
func TestClaim_DeadTurn(t *testing.T) {
	r := newRig(t, ledger.Credit)
	ctx := context.Background()
	now := time.Now()
	dead := turn.Claim{Key: *r.once(t, "k", "hi"), TurnID: turn.NewID(), At: now.Add(-time.Minute), Until: now.Add(time.Minute)}
	if kept, err := r.Store.Claim(ctx, dead); err != nil || kept != nil {
		t.Fatalf("got %v, %v; want the key claimed", kept, err)
	}
	hold, err := r.Store.Admit(ctx, turn.Admission{OrgID: r.org, KeyID: "key", TurnID: dead.TurnID, At: dead.At})
	if err != nil {
		t.Fatal(err)
	}
	_, _, err = r.runOnce(t, "k", "hi")
	if !errors.Is(err, idempotency.ErrRunning) {
		t.Fatalf("got %v, want ErrRunning", err)
	}
	r.engine.Now = func() time.Time { return now.Add(2 * time.Minute) }
	out, _, err := r.runOnce(t, "k", "hi")
	if err != nil || out.Replayed {
		t.Fatalf("got replayed=%v, %v; want false, no error", out.Replayed, err)
	}
	zombie := out.Turn
	zombie.ID, zombie.Place = dead.TurnID, zombie.Place+1
	_, err = r.Store.Settle(ctx, &turn.Settlement{Hold: hold, Turn: zombie, Claim: &dead})
	wantCode(t, err, fault.Conflict)
	if turns := r.turns(t); len(turns) != 1 {
		t.Errorf("got %d turns, want 1", len(turns))
	}
	if again, _, err := r.runOnce(t, "k", "hi"); err != nil || !again.Replayed || again.Turn.ID != out.Turn.ID {
		t.Errorf("got turn %s (%v) replayed, want %s", again.Turn.ID, err, out.Turn.ID)
	}
}

// A turn of the background is replayed however late: only its caller knows when nothing repeats it.
func TestClaim_Background(t *testing.T) {
	r := newRig(t, ledger.Credit)
	clock := time.Now()
	r.engine.Now = func() time.Time { return clock }
	in := r.input("hi")
	in.Once, in.OnceFor = r.once(t, "k", "hi"), 10*time.Second
	first, err := r.engine.Run(t.Context(), in, &sink{})
	if err != nil {
		t.Fatal(err)
	}
	for _, later := range []time.Duration{time.Hour, idempotency.Life, 15 * 24 * time.Hour, 400 * 24 * time.Hour} {
		clock = first.Turn.StartedAt.Add(later)
		again, err := r.engine.Run(t.Context(), in, &sink{})
		if err != nil || !again.Replayed || again.Turn.ID != first.Turn.ID {
			t.Errorf("after %s: got turn %s, replayed %t, %v; want %s replayed", later, again.Turn.ID, again.Replayed, err, first.Turn.ID)
		}
	}
	r.wantBooks(t, ledger.Credit-first.Turn.Charge)
}

// A panic stops the renewal of the key's claim: the process may live on and must not keep
// the key.
func TestClaim_EndsWithAPanic(t *testing.T) {
	r := newRig(t, ledger.Credit)
	r.engine.ClaimLease = 150 * time.Millisecond
	r.engine.Toolbox = callback(func() { panic("a fault of ours") })
	func() {
		defer func() { _ = recover() }()
		_, _, _ = r.runOnce(t, "k", "[[tool f {}]]")
		t.Fatal("the turn did not panic")
	}()
	r.engine.Toolbox = callback(func() {})
	for until := time.Now().Add(20 * r.engine.ClaimLease); ; {
		asked := time.Now()
		_, _, err := r.runOnce(t, "k", "[[tool f {}]]")
		if err == nil {
			return
		}
		if !errors.Is(err, idempotency.ErrRunning) || asked.After(until) {
			t.Fatalf("got %v, want a free key", err)
		}
	}
}

// A caller without access to the agent cannot read an answer through a key.
func TestReplay_Forbidden(t *testing.T) {
	r := newRig(t, ledger.Credit)
	if _, _, err := r.runOnce(t, "k", "hi"); err != nil {
		t.Fatal(err)
	}
	in := r.input("hi")
	in.Once, in.Caller.AgentID = r.once(t, "k", "hi"), "another"
	_, err := r.engine.Run(context.Background(), in, &sink{})
	wantCode(t, err, fault.Forbidden)
}

// The replay of a turn in a deleted thread is NotFound.
func TestReplay_DeletedThread(t *testing.T) {
	r := newRig(t, ledger.Credit)
	if _, _, err := r.runOnce(t, "k", "hi"); err != nil {
		t.Fatal(err)
	}
	if err := r.Store.DeleteThread(context.Background(), nil, r.org, r.thread.ID, time.Now().Add(time.Second)); err != nil {
		t.Fatal(err)
	}
	_, s, err := r.runOnce(t, "k", "hi")
	if !errors.Is(err, turn.ErrForgotten) {
		t.Errorf("got %v, want ErrForgotten", err)
	}
	if len(s.heard) > 0 {
		t.Errorf("got answer %q, want none", s.heard)
	}
}

// A replay shows no turn of an earlier, deleted thread with the same id, even if both
// settled at the same time.
func TestReplay_EarlierDeletedThread(t *testing.T) {
	r := newRig(t, 10*ledger.Credit)
	ctx := context.Background()
	first, _, err := r.run("first")
	if err != nil {
		t.Fatal(err)
	}
	late := first
	late.ID, late.User = turn.NewID(), "deleted"
	hold, err := r.Store.Admit(ctx, turn.Admission{OrgID: r.org, KeyID: "key", TurnID: late.ID, At: time.Now()})
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Store.DeleteThread(ctx, nil, r.org, r.thread.ID, time.Now()); err != nil {
		t.Fatal(err)
	}
	restarted := func(text, key string) turn.Outcome {
		t.Helper()
		in := r.input(text)
		in.Agent = r.agent.ID
		if key != "" {
			in.Once = r.once(t, key, text)
		}
		out, err := r.engine.Run(ctx, in, &sink{})
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	restarted("new", "")
	late.Place = time.Now().UnixMicro()
	if _, err := r.Store.Settle(ctx, &turn.Settlement{Hold: hold, Turn: late}); err != nil {
		t.Fatal(err)
	}
	restarted("newer", "")
	told := restarted("newest", "k")
	again := restarted("newest", "k")
	if d := cmp.Diff(told.Before, again.Before, cmp.Comparer(sameMillisecond)); d != "" || !again.Replayed || len(again.Before) != 2 {
		t.Errorf("replayed: %v; turns before (-told +replayed):\n%s", again.Replayed, d)
	}
}
