package turn_test

import (
	"context"
	"iter"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/ledger"
	"github.com/quintet-agents/quintet/shared/model"
	"github.com/quintet-agents/quintet/shared/model/modeltest"
	"github.com/quintet-agents/quintet/shared/turn"
)

// look runs a turn with images and returns it with the calls of the store and the model.
func (r *rig) look(text string, images ...model.Image) (turn.Turn, string, error) {
	in := r.input(text)
	in.Images = images
	r.trace.reset(0)
	out, err := r.engine.Run(context.Background(), in, &sink{})
	var calls []string
	for _, e := range r.trace.events {
		if _, operation, ok := strings.Cut(e, ":"); ok {
			e = operation
		}
		calls = append(calls, e)
	}
	slices.Sort(calls)
	return out.Turn, strings.Join(calls, " "), err
}

// The model sees the images of the current message. They cost no call of the store, and later
// turns have the text alone.
func TestRun_Images(t *testing.T) {
	r := newRig(t, ledger.Credit)
	_, plain, err := r.look("hello")
	if err != nil {
		t.Fatal(err)
	}
	png, jpeg := modeltest.PNG(t, 12, 8), modeltest.JPEG(t, 600, 400)
	got, calls, err := r.look("look", png, jpeg)
	if err != nil {
		t.Fatal(err)
	}
	if want := "You said: look [image image/png 12x8"; !strings.HasPrefix(got.Assistant, want) || !strings.Contains(got.Assistant, "600x400") {
		t.Errorf("got answer %q, want both images", got.Assistant)
	}
	if calls != plain {
		t.Errorf("got calls %s, want those of a turn without images: %s", calls, plain)
	}
	if got.User != "look" || got.Estimated {
		t.Errorf("got turn %+v, want the text alone and the reported usage", got)
	}
	if got, _, err := r.run("[[recall]]"); err != nil || got.Assistant != "hello | look" {
		t.Errorf("got answer %q (%v), want the texts of the earlier turns", got.Assistant, err)
	}
}

// A model that refuses images is not asked about images again. The refused turn costs and
// stores nothing, and turns without images are answered.
func TestRun_ImagesRefused(t *testing.T) {
	r := newRig(t, ledger.Credit)
	png := modeltest.PNG(t, 12, 8)
	_, calls, err := r.look("[[noimages]] look", png)
	modeltest.CheckImageError(t, err, model.ImagesRefused)
	if !strings.Contains(calls, "model") {
		t.Errorf("got calls %s, want the model asked", calls)
	}
	_, calls, err = r.look("look", png)
	modeltest.CheckImageError(t, err, model.ImagesRefused)
	if strings.Contains(calls, "model") {
		t.Errorf("got calls %s, want the model not asked again", calls)
	}
	r.wantBooks(t, ledger.Credit)
	if turns := r.turns(t); len(turns) != 0 {
		t.Errorf("got %+v stored, want nothing", turns)
	}
	if got, _, err := r.look("[[noimages]] look"); err != nil || got.Assistant != "You said: look" {
		t.Errorf("got answer %q (%v), want one without images", got.Assistant, err)
	}
}

// The refused turn frees its idempotency key, so that its caller can answer the text under the
// same key, once.
func TestRun_ImagesRefusedKey(t *testing.T) {
	r := newRig(t, ledger.Credit)
	in := r.input("[[noimages]] look")
	in.Once, in.Images = r.once(t, "k", "x"), []model.Image{modeltest.PNG(t, 12, 8)}
	_, err := r.engine.Run(context.Background(), in, &sink{})
	modeltest.CheckImageError(t, err, model.ImagesRefused)
	in.Images = nil
	var charge ledger.Credits
	for _, replayed := range []bool{false, true} {
		in.Once = r.once(t, "k", "x")
		out, err := r.engine.Run(context.Background(), in, &sink{})
		if err != nil || out.Replayed != replayed || out.Turn.Assistant != "You said: look" {
			t.Errorf("got %q, replayed %v, error %v, want an answer and then its replay", out.Turn.Assistant, out.Replayed, err)
		}
		charge = out.Turn.Charge
	}
	r.wantBooks(t, ledger.Credit-charge)
}

// An image that cannot be used says nothing about other images.
func TestRun_ImageUnusable(t *testing.T) {
	r := newRig(t, ledger.Credit)
	png := modeltest.PNG(t, 12, 8)
	wide, mislabelled := modeltest.PNG(t, 8001, 1), png
	mislabelled.Type = "image/gif"
	for _, tc := range []struct {
		image model.Image
		want  model.ImageProblem
	}{
		{model.Image{Data: []byte("hello"), Type: "text/plain"}, model.ImageUnusable},
		{mislabelled, model.ImageUnusable}, // the model's refusal
		{wide, model.ImageTooLarge},
	} {
		_, _, err := r.look("look", tc.image)
		modeltest.CheckImageError(t, err, tc.want)
		r.wantBooks(t, ledger.Credit)
	}
	if _, _, err := r.look("look", png); err != nil {
		t.Errorf("got error %v, want an answer", err)
	}
}

// The hold covers the estimate of an image before the model is asked, and the charge follows
// the report.
func TestRun_ImageHold(t *testing.T) {
	prices := func(a *ledger.Account) { a.Prices = ledger.Prices{PerInput1K: ledger.Credit} }
	image := modeltest.PNG(t, 1000, 1000) // about 1,300 tokens

	r := newRig(t, ledger.Credit, prices)
	_, calls, err := r.look("look", image)
	wantCode(t, err, fault.InsufficientCredits)
	if strings.Contains(calls, "model") {
		t.Errorf("got calls %s, want the model not asked for an image beyond the balance", calls)
	}
	r.wantBooks(t, ledger.Credit)

	r = newRig(t, 5*ledger.Credit, prices)
	got, _, err := r.look("look", image)
	if err != nil {
		t.Fatal(err)
	}
	want := ledger.Prices{PerInput1K: ledger.Credit}.Charge(model.Usage{Input: 8}) // words of prompt and image
	if got.Charge != want {
		t.Errorf("got charge %d, want %d", got.Charge, want)
	}
	r.wantBooks(t, 5*ledger.Credit-want)
}

// A report beyond the estimate of an image is charged, as far as the account can pay for it.
// One that no model could make is not.
func TestRun_ImageUsage(t *testing.T) {
	const high = 40_000 // tokens: 0.8 credits, beyond the default hold
	for _, tc := range []struct {
		name     string
		balance  ledger.Credits
		reported *model.Usage
		want     model.Usage
	}{
		{"more than estimated", 2 * ledger.Credit, &model.Usage{Input: high, Output: 2}, model.Usage{Input: high, Output: 2}},
		{"more than the balance", ledger.DefaultHold + 10_000, &model.Usage{Input: high, Output: 2}, model.Usage{Input: high, Output: 2}},
		{"impossible", 2 * ledger.Credit, &model.Usage{Input: 60_000, Output: 2}, model.Usage{Input: 3 + 256, Output: 2}},
		{"not reported", 2 * ledger.Credit, nil, model.Usage{Input: 3 + 256, Output: 1}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := newRig(t, tc.balance)
			r.engine.Model = reporter{tc.reported}
			got, _, err := r.look("look", modeltest.PNG(t, 12, 8))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, got.Usage); diff != "" || got.Estimated != (got.Usage.Input == 259) {
				t.Errorf("estimated %v, usage (-want +got):\n%s", got.Estimated, diff)
			}
			r.wantBooks(t, max(tc.balance-ledger.DefaultPrices.Charge(tc.want), 0))
		})
	}
}

// reporter answers with a fixed usage.
type reporter struct{ usage *model.Usage }

func (m reporter) Converse(context.Context, model.Request) (model.Reply, error) {
	return model.Reply{Text: "fine", Stop: model.StopEnd, Usage: m.usage}, nil
}

func (m reporter) Stream(context.Context, model.Request) iter.Seq2[model.Event, error] {
	return func(yield func(model.Event, error) bool) {
		_ = yield(model.Opened{}, nil) && yield(model.TextDelta("fine"), nil) && yield(model.Finished{Stop: model.StopEnd, Usage: m.usage}, nil)
	}
}
