package turn_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/quintet-agents/quintet/shared/agent"
	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/ledger"
	"github.com/quintet-agents/quintet/shared/model"
	"github.com/quintet-agents/quintet/shared/thread"
	"github.com/quintet-agents/quintet/shared/turn"
)

func wantCode(t *testing.T, err error, code fault.Code) {
	t.Helper()
	if !fault.Is(err, code) {
		t.Fatalf("got error %v, want code %s", err, code)
	}
}

// wantBooks checks that nothing is held, and the balance.
func (r *rig) wantBooks(t *testing.T, balance ledger.Credits) {
	t.Helper()
	if a := r.Account(t, r.org); a.Held() != 0 || len(a.Open) != 0 || a.Balance() != balance {
		t.Errorf("got balance %d, held %d, open %v; want balance %d", a.Balance(), a.Held(), a.Open, balance)
	}
}

func (r *rig) turns(t *testing.T) []turn.Turn {
	t.Helper()
	c, err := r.Store.Conversation(context.Background(), r.org, r.thread.ID, 100)
	if err != nil {
		t.Fatal(err)
	}
	return c.Turns
}

func TestRun_AnswersAndCharges(t *testing.T) {
	for _, whole := range []bool{false, true} {
		t.Run(fmt.Sprintf("whole=%v", whole), func(t *testing.T) {
			r := newRig(t, ledger.Credit)
			in := r.input("hello there")
			in.Whole = whole
			s := &sink{}
			out, err := r.engine.Run(context.Background(), in, s)
			if err != nil {
				t.Fatal(err)
			}
			got := out.Turn
			var text strings.Builder
			for _, line := range s.heard[1:] {
				var delta string
				if _, err := fmt.Sscanf(line, "delta %q", &delta); err != nil {
					t.Fatalf("got answer %q", line)
				}
				text.WriteString(delta)
			}
			if s.heard[0] != "start" || text.String() != got.Assistant || got.Assistant != "You said: hello there" {
				t.Errorf("got answer %q, stored %q, want the same", s.heard, got.Assistant)
			}
			// "be brief" and "hello there" are four tokens in, four come out.
			want := ledger.DefaultPrices.Charge(model.Usage{Input: 4, Output: 4})
			if got.Charge != want || got.Usage != (model.Usage{Input: 4, Output: 4}) || want != 480 {
				t.Errorf("got charge %d for %+v, want %d for 4 tokens each", got.Charge, got.Usage, want)
			}
			r.wantBooks(t, ledger.Credit-want)
			if d := cmp.Diff([]turn.Turn{got}, r.turns(t), cmp.Comparer(sameMillisecond)); d != "" {
				t.Errorf("stored (-returned +stored):\n%s", d)
			}
		})
	}
}

func sameMillisecond(a, b time.Time) bool {
	return a.Truncate(time.Millisecond).Equal(b.Truncate(time.Millisecond))
}

func TestRun_History(t *testing.T) {
	r := newRig(t, ledger.Credit)
	for _, text := range []string{"one", "two", "three"} {
		if _, _, err := r.run(text); err != nil {
			t.Fatal(err)
		}
	}
	got, _, err := r.run("[[recall]]")
	if err != nil || got.Assistant != "one | two | three" {
		t.Errorf(`got answer %q (%v), want "one | two | three"`, got.Assistant, err)
	}
}

// A provider error before the first token costs nothing and stores nothing.
func TestRun_FailsBeforeFirstToken(t *testing.T) {
	for text, code := range map[string]fault.Code{
		"[[throttle]]":            fault.ModelUnavailable,
		"[[nomodel]]":             fault.ModelRefused,
		"[[fail]]":                fault.Internal,
		"[[break 0]] [[words 9]]": fault.Internal,
	} {
		t.Run(text, func(t *testing.T) {
			r := newRig(t, ledger.Credit)
			_, s, err := r.run(text)
			wantCode(t, err, code)
			if strings.Contains(strings.Join(s.heard, " "), "delta") {
				t.Errorf("got answer %q, want no delta", s.heard)
			}
			r.wantBooks(t, ledger.Credit)
			if turns := r.turns(t); len(turns) != 0 {
				t.Errorf("got %+v stored, want nothing", turns)
			}
		})
	}
}

// Text before a stream's failure is stored and paid for by estimate.
func TestRun_FailsAfterFirstToken(t *testing.T) {
	r := newRig(t, ledger.Credit)
	got, s, err := r.run("[[break 3]] [[words 9]]")
	wantCode(t, err, fault.Internal)
	if got.Assistant != "w1 w2 w3" || !got.Interrupted || !got.Estimated || got.Charge == 0 {
		t.Errorf(`got turn %+v, want a charge for "w1 w2 w3", interrupted and estimated`, got)
	}
	if len(s.heard) != 4 {
		t.Errorf("got answer %q, want 4 parts", s.heard)
	}
	r.wantBooks(t, ledger.Credit-got.Charge)
	if turns := r.turns(t); len(turns) != 1 || turns[0].Assistant != "w1 w2 w3" {
		t.Errorf(`got %+v stored, want one turn with "w1 w2 w3"`, turns)
	}
}

// A turn that its thread, agent or key refuses leaves no hold.
func TestRun_RefusalLeavesNoHold(t *testing.T) {
	r := newRig(t, ledger.Credit)
	draft, _ := r.Draft(t, r.org, "x")
	gone := r.Agent(t, r.org, "x")
	goneThread := r.Thread(t, gone)
	if err := r.Store.DeleteAgent(context.Background(), nil, r.org, gone.ID); err != nil {
		t.Fatal(err)
	}
	theirs := r.Thread(t, r.Agent(t, r.Org(t, ledger.Credit), "x"))
	for name, c := range map[string]struct {
		thread  string
		boundTo string
		code    fault.Code
	}{
		"unknown thread":       {thread.NewID(r.agent.ID), "", fault.NotFound},
		"thread of no agent":   {"free-text", "", fault.NotFound},
		"another org's thread": {theirs.ID, "", fault.NotFound},
		"agent not deployed":   {r.Thread(t, draft).ID, "", fault.NotDeployed},
		"agent deleted":        {goneThread.ID, "", fault.Gone},
		"key of another agent": {r.thread.ID, draft.ID, fault.Forbidden},
	} {
		t.Run(name, func(t *testing.T) {
			in := r.input("hi")
			in.ThreadID, in.Caller.AgentID = c.thread, c.boundTo
			_, err := r.engine.Run(context.Background(), in, &sink{})
			wantCode(t, err, c.code)
			r.wantBooks(t, ledger.Credit)
		})
	}
}

// A thread whose id does not contain its agent works like any other.
func TestRun_ThreadIDWithoutAgent(t *testing.T) {
	r := newRig(t, ledger.Credit)
	r.thread = thread.Thread{ID: "customer-42", OrgID: r.org, AgentID: r.agent.ID, CreatedAt: time.Now()}
	if err := r.Store.CreateThread(context.Background(), nil, r.thread); err != nil {
		t.Fatal(err)
	}
	if got, _, err := r.run("hi"); err != nil || got.AgentID != r.agent.ID {
		t.Errorf("got %+v, %v; want agent %s", got, err, r.agent.ID)
	}
}

func TestRun_EmptyAccount(t *testing.T) {
	r := newRig(t, ledger.DefaultHold-1)
	r.trace.reset(0)
	_, s, err := r.run("hi")
	wantCode(t, err, fault.InsufficientCredits)
	if len(s.heard) != 0 || strings.Contains(strings.Join(r.trace.events, " "), "model") {
		t.Errorf("got answer %q and events %q, want no answer and no model call", s.heard, r.trace.events)
	}
}

// An answer stops when the account cannot pay for more. It is settled, and the error is
// InsufficientCredits.
func TestRun_CreditsRunOut(t *testing.T) {
	r := newRig(t, ledger.DefaultHold, func(a *ledger.Account) { a.Prices = ledger.Prices{PerOutput1K: 100 * ledger.Credit} })
	got, _, err := r.run("[[words 100]]") // 0.5 credits pay 5 words
	wantCode(t, err, fault.InsufficientCredits)
	if got.Assistant != "w1 w2 w3 w4 w5" || !got.Interrupted || got.Charge != ledger.DefaultHold {
		t.Errorf(`got %q for %d (%v), want "w1 w2 w3 w4 w5" for the whole hold`, got.Assistant, got.Charge, err)
	}
	r.wantBooks(t, 0)
}

func TestRun_PromptTooExpensive(t *testing.T) {
	r := newRig(t, ledger.DefaultHold, func(a *ledger.Account) { a.Prices = ledger.Prices{PerInput1K: 100 * ledger.Credit} })
	_, _, err := r.run("a prompt")
	wantCode(t, err, fault.InsufficientCredits)
	r.wantBooks(t, ledger.DefaultHold)
}

// A client's disconnect does not stop the turn.
func TestRun_ClientDisconnects(t *testing.T) {
	r := newRig(t, ledger.Credit)
	ctx, cancel := context.WithCancel(context.Background())
	s := &leaver{leave: cancel}
	if _, err := r.engine.Run(ctx, r.input("[[words 20]]"), s); err != nil {
		t.Fatal(err)
	}
	if turns := r.turns(t); len(turns) != 1 || !strings.HasSuffix(turns[0].Assistant, "w20") {
		t.Errorf(`got %+v stored, want one turn that ends with "w20"`, turns)
	}
}

type leaver struct {
	sink
	leave func()
}

func (l *leaver) Delta(string) { l.leave() }

// A turn that reaches its function's deadline settles its partial answer.
func TestRun_Deadline(t *testing.T) {
	r := newRig(t, ledger.Credit)
	began := time.Now()
	whole, _, err := r.run("hi")
	if err != nil {
		t.Fatal(err)
	}
	undisturbed := time.Since(began) // on this engine, at this load
	r.engine.Model = stuck{after: "so far", until: make(chan struct{})}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second+max(300*time.Millisecond, 10*undisturbed)) // 2 s are for settling
	defer cancel()
	out, err := r.engine.Run(ctx, r.input("hi"), &sink{})
	got := out.Turn
	wantCode(t, err, fault.ModelUnavailable)
	if got.Assistant != "so far" || !got.Interrupted {
		t.Errorf(`got turn %+v, want "so far", interrupted`, got)
	}
	r.wantBooks(t, ledger.Credit-whole.Charge-got.Charge)
}

// Settlement is retried after a lost response, and charges once.
func TestSettle_LostResponse(t *testing.T) {
	r := newRig(t, ledger.Credit)
	flaky := &lostAnswers{Store: r.Store, lose: 3}
	r.engine.Store = flaky
	got, _, err := r.run("hi")
	if err != nil || flaky.lose != 0 {
		t.Fatalf("got %v, %d left to lose; want no error, none", err, flaky.lose)
	}
	r.wantBooks(t, ledger.Credit-got.Charge)
	if n := len(r.turns(t)); n != 1 {
		t.Errorf("got %d turns, want 1", n)
	}
}

type lostAnswers struct {
	turn.Store
	lose int
}

func (l *lostAnswers) Settle(ctx context.Context, s *turn.Settlement) (turn.Turn, error) {
	settled, err := l.Store.Settle(ctx, s)
	if l.lose > 0 {
		l.lose--
		return turn.Turn{}, errors.New("connection reset")
	}
	return settled, err
}

func TestTools(t *testing.T) {
	r := newRig(t, ledger.Credit)
	r.engine.Toolbox = toolbox{}
	got, s, err := r.run(`[[tool add {"a":1,"b":[2]}]]`)
	if err != nil {
		t.Fatal(err)
	}
	if got.Assistant != `Tool add said: got {"a":1,"b":[2]}` {
		t.Errorf("got answer %q, want %q", got.Assistant, `Tool add said: got {"a":1,"b":[2]}`)
	}
	want := []string{"start", `call add {"a":1,"b":[2]}`, "running add", `done add got {"a":1,"b":[2]} false`}
	if d := cmp.Diff(want, s.heard[:4]); d != "" {
		t.Errorf("answer (-want +got):\n%s", d)
	}
	stored := r.turns(t)[0]
	if len(stored.Tools) != 1 || stored.Tools[0].Name != "add" {
		t.Errorf("got stored tools %+v, want one call of add", stored.Tools)
	}
}

func TestTools_FailureGoesToModel(t *testing.T) {
	r := newRig(t, ledger.Credit)
	for text, want := range map[string]string{
		"[[tool nobody {}]]": "unknown tool: nobody",
		"[[tool broken {}]]": "out of order",
		"[[tool secret {}]]": "Internal error",
	} {
		r.engine.Toolbox = toolbox{}
		if strings.Contains(text, "nobody") {
			r.engine.Toolbox = nil
		}
		got, _, err := r.run(text)
		if err != nil || !strings.HasSuffix(got.Assistant, "said: "+want) {
			t.Errorf("%s: got %q (%v), want said: %s at the end", text, got.Assistant, err, want)
		}
	}
}

func TestTools_LongResult(t *testing.T) {
	r := newRig(t, 10*ledger.Credit)
	r.engine.Toolbox = toolbox{}
	got, s, err := r.run("[[tool long {}]]")
	if err != nil {
		t.Fatal(err)
	}
	shown := strings.TrimSuffix(strings.TrimPrefix(s.heard[3], "done long "), " false")
	if len(shown) != 64<<10-1 { // 64 KiB would cut a three byte character
		t.Errorf("got %d bytes, want %d", len(shown), 64<<10-1)
	}
	if d := cmp.Diff(r.turns(t)[0].Tools, got.Tools); d != "" {
		t.Errorf("result of the turn (-stored +returned):\n%s", d)
	}
}

// The client has seen the calls, so the turn is paid and kept. It is no internal error, which
// clients try again.
func TestTools_TooManyRounds(t *testing.T) {
	r := newRig(t, 10*ledger.Credit)
	r.engine.Toolbox = toolbox{}
	r.engine.Model = obsessed{}
	got, _, err := r.run("go")
	wantCapped(t, err, "rounds is 8")
	if got.Charge == 0 || !got.Interrupted {
		t.Errorf("got a charge of %s, interrupted %t, want a paid turn that broke off", got.Charge, got.Interrupted)
	}
	ids := map[string]bool{}
	for _, use := range got.Tools {
		ids[use.ID] = true
	}
	if len(ids) != len(got.Tools) {
		t.Errorf("got %d ids of %d calls, want one each", len(ids), len(got.Tools))
	}
	r.wantBooks(t, 10*ledger.Credit-got.Charge)
}

// The text of an interrupted answer in one piece is paid and kept.
func TestSettle_WholeAnswerBreaksOff(t *testing.T) {
	r := newRig(t, ledger.Credit)
	r.engine.Model = cutOff{}
	in := r.input("go")
	in.Whole = true
	out, err := r.engine.Run(context.Background(), in, &sink{})
	wantCode(t, err, fault.Internal)
	if got := out.Turn; got.Assistant != "so far" || !got.Interrupted || got.Charge == 0 {
		t.Errorf("got %+v, want what was read, paid", got)
	}
	r.wantBooks(t, ledger.Credit-out.Turn.Charge)
}

// Tool arguments arrive at once, so the hold covers the whole output limit before a model
// with tools is called.
func TestExtend_BeforeToolsAreOffered(t *testing.T) {
	r := newRig(t, 10*ledger.Credit, func(a *ledger.Account) { a.Prices = ledger.Prices{PerOutput1K: ledger.Credit} })
	r.engine.Toolbox = toolbox{}
	m := &holding{held: func() ledger.Credits {
		account := r.Account(t, r.org)
		return account.Balance() - account.Available
	}}
	r.engine.Model = m
	_, _, err := r.run("go")
	wantCode(t, err, fault.Conflict)
	for i, limit := range m.limits {
		if limit := ledger.Credits(limit) * ledger.Credit / 1000; m.holds[i] < limit {
			t.Errorf("call %d: got a hold of %s, want %s, which the output limit costs", i+1, m.holds[i], limit)
		}
	}
}

// A tool call that the client has seen is paid and kept like text, even if the model fails
// before its first text.
func TestSettle_CallsWithoutText(t *testing.T) {
	r := newRig(t, ledger.Credit)
	r.engine.Toolbox = toolbox{}
	got, s, err := r.run("[[tool add {}]] [[break 0]]")
	if err == nil || len(s.heard) < 2 || s.heard[1] != "call add {}" {
		t.Fatalf("got %q, %v, want a call and an error", s.heard, err)
	}
	if got.Charge == 0 || len(got.Tools) != 1 || got.Assistant != "" {
		t.Errorf("got %+v, want the call, paid", got)
	}
	if kept := r.turns(t); len(kept) != 1 || kept[0].ID != got.ID {
		t.Errorf("got turns %+v in the thread, want only %s", kept, got.ID)
	}
	r.wantBooks(t, ledger.Credit-got.Charge)
}

// The minimum cost of a turn is subtracted from its budget once.
func TestBudget_MinimumCountsOnce(t *testing.T) {
	r := newRig(t, 19*ledger.Credit/10, func(a *ledger.Account) { a.Prices = ledger.Prices{PerTurn: ledger.Credit} })
	if got, _, err := r.run("hello there"); err != nil || got.Charge != ledger.Credit {
		t.Errorf("got %+v, %v; want a charge of %s", got, err, ledger.Credit)
	}
	r.wantBooks(t, 9*ledger.Credit/10)
}

type toolbox struct{}

func (toolbox) Tools(context.Context, agent.Live) ([]model.Tool, error) {
	return []model.Tool{{Name: "add", Description: "adds", Schema: json.RawMessage(`{"type":"object"}`)}}, nil
}

func (toolbox) Call(_ context.Context, _ agent.Live, _ string, c model.ToolCall) (string, error) {
	switch c.Name {
	case "broken":
		return "", fault.New(fault.Invalid, "out of order")
	case "secret":
		return "", errors.New("password is hunter2")
	case "long":
		return strings.Repeat("€", 30_000), nil
	}
	return "got " + string(c.Input), nil
}
