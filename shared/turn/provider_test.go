package turn_test

import (
	"context"
	"iter"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/quintet-agents/quintet/shared/agent"
	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/ledger"
	"github.com/quintet-agents/quintet/shared/model"
	"github.com/quintet-agents/quintet/shared/model/modeltest"
	"github.com/quintet-agents/quintet/shared/turn"
)

// owners returns one provider for all agents with an own one, or an error.
type owners struct {
	provider model.Provider
	err      error
	asked    []agent.Live
}

func (o *owners) Of(_ context.Context, live agent.Live) (model.Provider, error) {
	o.asked = append(o.asked, live)
	return o.provider, o.err
}

// own makes the rig's agent one with an own provider. Its models are those of the local wire.
func (r *rig) own(t *testing.T, modelName string) *owners {
	t.Helper()
	draft, err := r.Store.ChangeDraft(t.Context(), nil, r.org, r.agent.ID, time.Now(), func(v *agent.Version) error {
		v.Settings.Provider, v.Settings.BaseURL, v.Settings.Model = agent.OpenAI, "https://models.example/v1", modelName
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Store.DeployVersion(t.Context(), nil, r.org, r.agent.ID, draft.ID, time.Now()); err != nil {
		t.Fatal(err)
	}
	o := &owners{provider: r.engine.Model}
	r.engine.Own = o
	return o
}

// A turn on an own provider is answered by that provider, costs the org's price for such
// turns and counts against their cap, not against the caps of hosted turns.
func TestRun_OwnProvider(t *testing.T) {
	r := newRig(t, ledger.Credit, func(a *ledger.Account) {
		a.OwnPrices = ledger.Prices{PerTurn: 1000, PerOutput1K: 1_000_000}
		a.Limits.MonthlyMessagesOwn, a.Limits.MonthlyMessagesHosted, a.Limits.MonthlyTokensHosted = 2, 1, 1
	})
	o := r.own(t, "theirs")
	r.engine.Model = stuck{} // hosted models are not asked
	for range 2 {
		got, _, err := r.run("hello there")
		if err != nil {
			t.Fatal(err)
		}
		if got.Assistant != "You said: hello there" || got.Model != "theirs" || got.Charge != 5000 {
			t.Errorf("got %q of %s for %d, want the echo of theirs for 1000 and 4 tokens of 1000", got.Assistant, got.Model, got.Charge)
		}
	}
	_, _, err := r.run("hello there")
	if e := fault.From(err); e == nil || e.Code != fault.LimitReached || e.Details.Limit != "messages" {
		t.Errorf("got %v, want the limit of messages", err)
	}
	r.wantBooks(t, ledger.Credit-10_000)
	if len(o.asked) != 2 || o.asked[0].OrgID != r.org || o.asked[0].Settings.BaseURL != "https://models.example/v1" {
		t.Errorf("got %+v, want the agent's settings twice", o.asked)
	}
}

// Without prices for own providers a turn costs nothing and needs no credits.
func TestRun_OwnProviderFree(t *testing.T) {
	r := newRig(t, 0)
	r.own(t, "theirs")
	got, s, err := r.run("[[words 300]]")
	if err != nil || got.Charge != 0 || got.Usage.Output != 300 {
		t.Errorf("got a charge of %d for %+v, %v; want 0 for 300 tokens", got.Charge, got.Usage, err)
	}
	if last := s.heard[len(s.heard)-1]; last != `delta " w300"` && last != `delta "w300"` {
		t.Errorf("got the last event %s, want the last word", last)
	}
	r.wantBooks(t, 0)
}

// The process that has seen an agent guesses the kind of its turns right: the second turn
// makes as many store calls as a hosted one.
func TestRun_OwnProviderGuess(t *testing.T) {
	r := newRig(t, ledger.Credit)
	r.own(t, "theirs")
	for _, want := range []int{3, 1} { // a wrong guess admits, releases and admits
		r.trace.reset(0)
		if _, _, err := r.run("hello"); err != nil {
			t.Fatal(err)
		}
		got := len(slices.DeleteFunc(r.trace.events, func(e string) bool { return !strings.HasSuffix(e, ":UpdateItem") }))
		if got != want {
			t.Errorf("got %d writes before the model, want %d", got, want)
		}
	}
}

// A provider that cannot be had, and settings that name no model, refuse the turn before it
// begins. Nothing is charged.
func TestRun_OwnProviderRefused(t *testing.T) {
	r := newRig(t, ledger.Credit, func(a *ledger.Account) { a.OwnPrices.PerTurn = 1000 })
	o := r.own(t, "theirs")
	o.err = fault.New(fault.ModelRefused, "no key")
	_, s, err := r.run("hello")
	if wantCode(t, err, fault.ModelRefused); len(s.heard) > 0 {
		t.Errorf("got events %v, want none", s.heard)
	}
	r.engine.Own = nil
	_, _, err = r.run("hello")
	wantCode(t, err, fault.ModelRefused)
	o = r.own(t, "")
	_, _, err = r.run("hello")
	if wantCode(t, err, fault.ModelRefused); len(o.asked) > 0 {
		t.Errorf("got %d providers asked for, want none without a model", len(o.asked))
	}
	r.wantBooks(t, ledger.Credit)
}

// noEyes refuses images, and nothing else.
type noEyes struct{ model.Provider }

func (p noEyes) Stream(ctx context.Context, req model.Request) iter.Seq2[model.Event, error] {
	if !req.HasImages() {
		return p.Provider.Stream(ctx, req)
	}
	return func(yield func(model.Event, error) bool) {
		yield(nil, (&model.ImageError{Problem: model.ImagesRefused}).Fault())
	}
}

// What an own server says about a model teaches nothing about the deployment's model of the
// same name.
func TestRun_OwnProviderTeachesItsOwn(t *testing.T) {
	r := newRig(t, ledger.Credit)
	o := r.own(t, "scripted")
	o.provider = noEyes{r.engine.Model}
	picture := modeltest.PNG(t, 12, 8)
	look := func(agentID string) error {
		in := r.input("look")
		in.ThreadID, in.Agent, in.Images = "", agentID, []model.Image{picture}
		_, err := r.engine.Run(context.Background(), in, &sink{})
		return err
	}
	for range 2 {
		if err := look(r.agent.ID); !fault.Is(err, fault.Invalid) {
			t.Errorf("own: got %v, want the refusal of images", err)
		}
	}
	if len(o.asked) != 2 {
		t.Errorf("got %d providers asked for, want 2", len(o.asked))
	}
	if err := look(r.Agent(t, r.org, "be brief").ID); err != nil {
		t.Errorf("hosted: got %v, want an answer", err)
	}
}

var _ turn.Providers = (*owners)(nil)
