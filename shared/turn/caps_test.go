package turn_test

import (
	"context"
	"fmt"
	"iter"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/quintet-agents/quintet/shared/agent"
	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/ledger"
	"github.com/quintet-agents/quintet/shared/model"
	"github.com/quintet-agents/quintet/shared/turn"
)

// configure deploys a version of the rig's agent with changed settings.
func (r *rig) configure(t *testing.T, change func(*agent.Settings)) {
	t.Helper()
	draft, err := r.Store.ChangeDraft(t.Context(), nil, r.org, r.agent.ID, r.Now(), func(v *agent.Version) error {
		change(&v.Settings)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Store.DeployVersion(t.Context(), nil, r.org, r.agent.ID, draft.ID, r.Now()); err != nil {
		t.Fatal(err)
	}
}

// perToken are prices at which an output token costs a thousandth of a credit.
func perToken(a *ledger.Account) { a.Prices = ledger.Prices{PerOutput1K: ledger.Credit} }

// The deployed version's settings are in each request to the model. A draft's are not.
func TestSettings_InRequest(t *testing.T) {
	r := newRig(t, ledger.Credit)
	m := &recording{}
	r.engine.Model = m
	run := func(want model.Request) {
		t.Helper()
		if _, _, err := r.run("hello"); err != nil {
			t.Fatal(err)
		}
		got := m.got
		got.System, got.Messages = "", nil
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("request (-want +got):\n%s", d)
		}
	}
	run(model.Request{Model: "scripted", Temperature: agent.DefaultTemperature, MaxTokens: 4096})
	r.configure(t, func(s *agent.Settings) {
		s.Model, s.Temperature, s.MaxOutputTokens, s.Stop = "m", 0, 100, []string{"END"}
	})
	if _, err := r.Store.ChangeDraft(t.Context(), nil, r.org, r.agent.ID, r.Now(), func(v *agent.Version) error {
		v.Settings.Temperature = 1
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	run(model.Request{Model: "m", Temperature: 0, MaxTokens: 100, Stop: []string{"END"}})
}

// An answer that ends at a stop sequence or at the agent's own output limit is complete.
func TestSettings_ShortAnswers(t *testing.T) {
	r := newRig(t, ledger.Credit)
	for name, c := range map[string]struct {
		change func(*agent.Settings)
		want   string
	}{
		"stop":              {func(s *agent.Settings) { s.Stop, s.MaxOutputTokens = []string{"w7", " w4"}, 0 }, "w1 w2 w3"},
		"max output tokens": {func(s *agent.Settings) { s.Stop, s.MaxOutputTokens = nil, 2 }, "w1 w2"},
	} {
		r.configure(t, c.change)
		for _, whole := range []bool{false, true} {
			in := r.input("[[words 9]]")
			in.Whole = whole
			out, err := r.engine.Run(t.Context(), in, &sink{})
			if err != nil || out.Turn.Assistant != c.want || out.Turn.Interrupted {
				t.Errorf("%s, whole %t: got %q, interrupted %t, %v; want %q", name, whole, out.Turn.Assistant, out.Turn.Interrupted, err, c.want)
			}
		}
	}
}

// wantCapped checks the error of a turn that reached a cap.
func wantCapped(t *testing.T, err error, setting string) {
	t.Helper()
	if e := fault.From(err); e == nil || e.Code != fault.Conflict || e.Message != "The turn reached a limit of its agent: caps."+setting {
		t.Errorf("got %v, want a conflict because caps.%s", err, setting)
	}
}

// A model that never stops calling tools is asked for an answer without them after the rounds
// that its agent allows. An agent that allows none does not read its tools.
func TestCaps_Rounds(t *testing.T) {
	r := newRig(t, 10*ledger.Credit)
	r.engine.Model = obsessed{}
	for rounds := range 3 {
		box := &countedToolbox{}
		r.engine.Toolbox = box
		r.configure(t, func(s *agent.Settings) { s.Caps.Rounds = &rounds })
		got, _, err := r.run("go")
		wantCapped(t, err, fmt.Sprintf("rounds is %d", rounds))
		if len(got.Tools) != rounds || box.lists != min(rounds, 1) {
			t.Errorf("%d rounds: got %d tool uses and %d reads of the tools, want %d and %d", rounds, len(got.Tools), box.lists, rounds, min(rounds, 1))
		}
	}
}

// A turn that takes longer than its agent allows is paid for what it produced until then.
func TestCaps_Time(t *testing.T) {
	r := newRig(t, ledger.Credit)
	r.configure(t, func(s *agent.Settings) { s.Caps.Time = time.Second })
	at := time.Now()
	r.engine.Now = func() time.Time { return at }
	r.engine.Model = stuck{after: "so far", until: make(chan struct{})}
	got, s, err := r.run("go")
	wantCapped(t, err, "seconds is 1")
	if got.Assistant != "so far" || !got.Interrupted || got.Charge == 0 || strings.Join(s.heard, " ") != `start delta "so far"` {
		t.Errorf("got %+v and %q, want what was produced, paid", got, s.heard)
	}
	r.wantBooks(t, ledger.Credit-got.Charge)
}

// A tool that is running when the turn's time is over is told to have been ended by that.
func TestCaps_TimeOfTool(t *testing.T) {
	r := newRig(t, ledger.Credit)
	r.engine.Model, r.engine.Toolbox = obsessed{}, deaf{}
	r.configure(t, func(s *agent.Settings) { s.Caps.Time = time.Second })
	got, s, err := r.run("go")
	wantCapped(t, err, "seconds is 1")
	if len(got.Tools) != 1 || !got.Tools[0].Failed || got.Tools[0].Result != "The turn reached a limit of its agent: caps.seconds is 1" {
		t.Errorf("got %+v and %q, want one call that says why it ended", got.Tools, s.heard)
	}
	r.wantBooks(t, ledger.Credit-got.Charge)
}

// deaf is a toolbox whose tool does not answer.
type deaf struct{ toolbox }

func (deaf) Call(ctx context.Context, _ agent.Live, _ string, _ model.ToolCall) (string, error) {
	<-ctx.Done()
	return "", fault.New(fault.Conflict, "The tool could not be called: %s", context.Cause(ctx))
}

// An answer ends where the cap of credits is used up.
func TestCaps_Credits(t *testing.T) {
	for _, whole := range []bool{false, true} {
		r := newRig(t, ledger.Credit, perToken)
		r.configure(t, func(s *agent.Settings) { s.Caps.Credits = ledger.Credit / 200 })
		in := r.input("[[words 30]]")
		in.Whole = whole
		out, err := r.engine.Run(t.Context(), in, &sink{})
		wantCapped(t, err, "credits is 0.005")
		if got := out.Turn; got.Assistant != "w1 w2 w3 w4 w5" || !got.Interrupted || got.Charge != ledger.Credit/200 {
			t.Errorf("whole %t: got %q for %s, interrupted %t; want five words for 0.005, interrupted", whole, got.Assistant, got.Charge.Number(), got.Interrupted)
		}
		r.wantBooks(t, ledger.Credit-ledger.Credit/200)
	}
}

// The cap is not confused with a lack of credits.
func TestCaps_CreditsRunOutFirst(t *testing.T) {
	r := newRig(t, ledger.Credit/2, perToken)
	r.configure(t, func(s *agent.Settings) { s.Caps.Credits = 3 * ledger.Credit })
	_, _, err := r.run("[[words 600]]")
	wantCode(t, err, fault.InsufficientCredits)
	r.wantBooks(t, 0)
}

// A request that alone may cost more than the cap is not sent to the model.
func TestCaps_RequestTooExpensive(t *testing.T) {
	r := newRig(t, ledger.Credit)
	r.configure(t, func(s *agent.Settings) { s.Caps.Credits = agent.MinCredits })
	r.engine.Model = nil
	got, s, err := r.run("hello")
	wantCapped(t, err, "credits is 0.001")
	if got.ID != "" || len(s.heard) > 0 {
		t.Errorf("got %+v and %q, want no turn", got, s.heard)
	}
	r.wantBooks(t, ledger.Credit)
}

// A runaway loop of tool calls ends at the cap of credits, and costs no more.
func TestCaps_RunawayLoop(t *testing.T) {
	r := newRig(t, ledger.Credit, perToken)
	r.engine.Toolbox = toolbox{}
	r.engine.Model = spender{}
	r.configure(t, func(s *agent.Settings) { s.Caps.Credits = 12 * ledger.Credit / 1000 })
	got, _, err := r.run("go")
	wantCapped(t, err, "credits is 0.012")
	if len(got.Tools) != 3 || got.Charge != 12*ledger.Credit/1000 || !got.Interrupted {
		t.Errorf("got %d tool uses for %s, interrupted %t; want 3 for 0.012, interrupted", len(got.Tools), got.Charge.Number(), got.Interrupted)
	}
	r.wantBooks(t, ledger.Credit-got.Charge)
}

// A provider that disregards its output limit costs its customers no more than the cap.
func TestCaps_ProviderDisregardsLimit(t *testing.T) {
	r := newRig(t, ledger.Credit, perToken)
	r.engine.Model = &recording{says: strings.Repeat("word ", 200)}
	r.configure(t, func(s *agent.Settings) { s.Caps.Credits = ledger.Credit / 100 })
	got, _, _ := r.run("go")
	if got.Charge != ledger.Credit/100 {
		t.Errorf("got a charge of %s, want 0.01", got.Charge.Number())
	}
	r.wantBooks(t, ledger.Credit-got.Charge)
}

// recording keeps the last request and answers with a text.
type recording struct {
	model.Provider
	says string
	got  model.Request
}

func (m *recording) Stream(_ context.Context, req model.Request) iter.Seq2[model.Event, error] {
	m.got = req
	return func(yield func(model.Event, error) bool) {
		text := m.says
		if text == "" {
			text = "hello"
		}
		_ = yield(model.Opened{}, nil) && yield(model.TextDelta(text), nil) &&
			yield(model.Finished{Stop: model.StopEnd, Usage: &model.Usage{Input: 1, Output: len(strings.Fields(text))}}, nil)
	}
}

// countedToolbox counts the reads of an agent's tools.
type countedToolbox struct {
	toolbox
	lists int
}

func (b *countedToolbox) Tools(ctx context.Context, live agent.Live) ([]model.Tool, error) {
	b.lists++
	return b.toolbox.Tools(ctx, live)
}

var _ turn.Toolbox = (*countedToolbox)(nil)
