package turn_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/quintet-agents/quintet/shared/identity"
	"github.com/quintet-agents/quintet/shared/ledger"
	"github.com/quintet-agents/quintet/shared/tool"
)

// A turn with a new key costs two round trips to the store before the model: one for the
// key, one for everything else. The store is idle while tokens stream, and settlement is
// one call.
func TestRun_TwoStoreWaves(t *testing.T) {
	r := newRig(t, ledger.Credit)
	r.engine.Toolbox = &tool.Box{Store: r.Store} // as in the functions; the agent has no tools
	raw, _ := r.Key(t, r.org, "")
	auth := identity.NewAuthenticator(r.Store, time.Now)
	r.trace.reset(20 * time.Millisecond)

	caller, err := auth.Authenticate(context.Background(), raw)
	if err != nil {
		t.Fatal(err)
	}
	in := r.input("[[words 30]]")
	in.Caller = caller
	if _, err := r.engine.Run(context.Background(), in, &sink{trace: r.trace}); err != nil {
		t.Fatal(err)
	}

	events := r.trace.events
	model := slices.Index(events, "model")
	before := slices.Clone(events[:model])
	slices.Sort(before)
	if got, want := strings.Join(before, " "), "1:GetItem 2:GetItem 2:Query 2:UpdateItem"; got != want {
		t.Errorf("before the model: got %s, want %s", got, want)
	}
	var after []string
	for _, e := range events[model+1:] {
		if e != "delta" && e != "start" {
			after = append(after, e)
		}
	}
	if got, want := strings.Join(after, " "), "3:TransactWriteItems"; got != want {
		t.Errorf("after the model: got %s, want %s", got, want)
	}
	if last := events[len(events)-1]; last != "3:TransactWriteItems" {
		t.Errorf("got last event %s, want 3:TransactWriteItems: no store call between tokens", last)
	}
	if n := strings.Count(strings.Join(events, " "), "delta"); n != 30 {
		t.Errorf("got %d deltas, want 30", n)
	}
}

// A turn claims its idempotency key before any other store call, and settlement closes the
// claim.
func TestRun_KeyCostsOneWave(t *testing.T) {
	r := newRig(t, ledger.Credit)
	r.engine.Toolbox = &tool.Box{Store: r.Store}
	in := r.input("[[words 3]]")
	in.Once = r.once(t, "k", "x")
	r.trace.reset(20 * time.Millisecond)
	if _, err := r.engine.Run(context.Background(), in, &sink{trace: r.trace}); err != nil {
		t.Fatal(err)
	}
	got := slices.DeleteFunc(r.trace.events, func(e string) bool { return e == "delta" || e == "start" })
	slices.Sort(got[1:4]) // side by side
	if got, want := strings.Join(got, " "), "1:PutItem 2:GetItem 2:Query 2:UpdateItem model 3:TransactWriteItems"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
