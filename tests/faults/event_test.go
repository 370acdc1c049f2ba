package faults_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/quintet-agents/quintet/shared/delivery"
	"github.com/quintet-agents/quintet/shared/delivery/outbound"
	"github.com/quintet-agents/quintet/shared/dynamo"
	"github.com/quintet-agents/quintet/shared/dynamo/dynamotest"
	"github.com/quintet-agents/quintet/shared/event"
	"github.com/quintet-agents/quintet/shared/ledger"
	"github.com/quintet-agents/quintet/shared/model"
	"github.com/quintet-agents/quintet/shared/secret"
	"github.com/quintet-agents/quintet/shared/turn"
	"github.com/quintet-agents/quintet/shared/work"
)

// eventRig has every part that delivers the events of two turns to two webhooks, in
// one process that can die.
type eventRig struct {
	dynamotest.Table
	life    *life
	now     time.Time
	outs    *mailbox
	feed    *event.Feed
	worker  *delivery.Worker
	changes []event.Change // the turns, as records of the stream
	org     string
	all     delivery.Webhook // subscribes to all events
	some    delivery.Webhook // subscribes to the turns' last events
	want    []string         // the first webhook's events, in order
	wantEnd []string

	mu  sync.Mutex
	got map[string][]string // webhook-ids in the order of arrival, by path
}

func newEventRig(t *testing.T, l *life) *eventRig {
	t.Helper()
	r := &eventRig{life: l, now: time.Now(), got: map[string][]string{}}
	clock := func() time.Time { return r.now }
	receiver := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, req *http.Request) {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.got[req.URL.Path] = append(r.got[req.URL.Path], req.Header.Get("webhook-id"))
	}))
	t.Cleanup(receiver.Close)
	whole := dynamotest.Open(t)
	r.org = whole.Org(t, 10*ledger.Credit)
	r.all = r.webhook(t, whole, receiver.URL+"/all", event.Types)
	r.some = r.webhook(t, whole, receiver.URL+"/some", []string{event.TurnCompleted, event.TurnFailed})
	first, second := r.settle(t, whole, false), r.settle(t, whole, true)
	r.want = []string{
		"evt_" + first + "_started", "evt_" + first + "_user", "evt_" + first + "_assistant", "evt_" + first + "_completed",
		"evt_" + second + "_user", "evt_" + second + "_assistant", "evt_" + second + "_failed",
	}
	r.wantEnd = []string{r.want[3], r.want[6]}
	r.changes = changesOf(t, whole)

	r.Table = whole.Beside(dynamotest.Through(l), dynamotest.At(clock), dynamotest.Eager())
	r.outs = &mailbox{life: l}
	r.feed = &event.Feed{Store: r.Store, Workers: r.outs, Now: clock}
	loopback := outbound.NewGuard([]netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")})
	r.worker = &delivery.Worker{
		Store: r.Store, Secrets: &secret.Keeper{Store: whole.Store, Box: inClear{}, Now: clock},
		Sender: dyingSender{l, outbound.NewClient(loopback, nil, time.Now)}, Queue: r.outs, Now: clock,
		Fanout: &event.Fanout{Store: r.Store, Workers: r.outs, Now: clock},
	}
	return r
}

func (r *eventRig) webhook(t *testing.T, table dynamotest.Table, url string, wants []string) delivery.Webhook {
	t.Helper()
	e := delivery.Webhook{ID: delivery.NewID(), OrgID: r.org, URL: url, Events: wants, CreatedAt: r.now}
	if err := table.Store.CreateWebhook(t.Context(), nil, e, []byte(secret.New())); err != nil {
		t.Fatal(err)
	}
	return e
}

// settle stores a settled turn of the rig's thread and returns its id.
func (r *eventRig) settle(t *testing.T, table dynamotest.Table, interrupted bool) string {
	t.Helper()
	hold, err := table.Store.Admit(t.Context(), turn.Admission{OrgID: r.org, KeyID: "key", TurnID: turn.NewID(), At: r.now})
	if err != nil {
		t.Fatal(err)
	}
	_, err = table.Store.Settle(t.Context(), &turn.Settlement{Hold: hold, Turn: turn.Turn{
		ID: hold.TurnID, OrgID: r.org, ThreadID: "thread", AgentID: "agent", Channel: "test", Place: r.now.UnixMicro(), StartedAt: r.now, SettledAt: r.now,
		User: "hello", Assistant: "hi", Usage: model.Usage{Input: 1, Output: 1}, Interrupted: interrupted,
	}, Thread: turn.ThreadChange{Start: true, Title: "hello"}})
	if err != nil {
		t.Fatal(err)
	}
	return hold.TurnID
}

// changesOf returns the stream records of an org's turns.
func changesOf(t *testing.T, table dynamotest.Table) []event.Change {
	t.Helper()
	var all []event.Change
	for _, it := range table.Items(t) {
		c, err := dynamo.ReadChange(nil, it)
		if err != nil {
			t.Fatal(err)
		}
		if c.Turn != nil {
			all = append(all, c)
		}
	}
	slices.SortFunc(all, func(a, b event.Change) int { return int(a.Turn.Place - b.Turn.Place) })
	return all
}

// follow processes changes as Lambda does: a failed batch is repeated from its first
// unprocessed record.
func (r *eventRig) follow(t *testing.T, changes []event.Change) {
	t.Helper()
	done, err := r.feed.Follow(t.Context(), changes)
	if err == nil && done != len(changes) {
		t.Fatalf("got %d of %d changes processed without an error, want all", done, len(changes))
	}
}

func (r *eventRig) work(t *testing.T) {
	t.Helper()
	for len(r.outs.messages) > 0 {
		m := r.outs.messages[0]
		r.outs.messages = r.outs.messages[1:]
		if err := r.worker.Work(context.Background(), m); err != nil && !errors.Is(err, errDead) {
			t.Logf("%s: %v", m, err)
		}
	}
}

// settleDown advances the clock by a minute and runs the sweeper.
func (r *eventRig) settleDown(t *testing.T) {
	t.Helper()
	r.life.dead, r.life.immortal = false, true
	r.now = r.now.Add(time.Minute)
	if err := work.Sweep(r.Store.WaitingDeliveries(), r.outs)(t.Context(), r.now); err != nil {
		t.Fatal(err)
	}
	r.work(t)
}

// check compares the received events and the delivery log with the expected ones:
// each event is logged once, and delivered.
func (r *eventRig) check(t *testing.T) {
	t.Helper()
	for _, of := range []struct {
		webhook delivery.Webhook
		path    string
		want    []string
	}{{r.all, "/all", r.want}, {r.some, "/some", r.wantEnd}} {
		logged, err := r.Store.Deliveries(t.Context(), r.org, of.webhook.ID, "", 100)
		if err != nil {
			t.Fatal(err)
		}
		var ids []string
		for _, d := range slices.Backward(logged) { // newest first
			if ids = append(ids, d.EventID); d.Status != delivery.Delivered {
				t.Errorf("got %s %s, want delivered: %+v", d.EventID, d.Status, d.Attempts)
			}
		}
		slices.Sort(ids)
		want := slices.Sorted(slices.Values(of.want))
		if d := cmp.Diff(want, ids); d != "" {
			t.Errorf("delivery log of %s (-want +got):\n%s", of.path, d)
		}
		came := slices.Compact(slices.Sorted(slices.Values(r.got[of.path])))
		if d := cmp.Diff(want, came); d != "" {
			t.Errorf("events received at %s (-want +got):\n%s", of.path, d)
		}
	}
}

// Without a death each event arrives once, in order, although all changes are
// processed before the first delivery is sent.
func TestEvents_InOrder(t *testing.T) {
	r := newEventRig(t, &life{immortal: true})
	r.follow(t, r.changes)
	r.work(t)
	r.check(t)
	if d := cmp.Diff(map[string][]string{"/all": r.want, "/some": r.wantEnd}, r.got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

// The sweeper sends deliveries in any order. The second turn of a thread still waits
// until the first is fanned out.
func TestEvents_InOrderFromSweeper(t *testing.T) {
	r := newEventRig(t, &life{immortal: true})
	r.follow(t, r.changes)
	r.outs.messages = nil // all messages are lost
	r.now = r.now.Add(time.Minute)
	if err := work.Sweep(r.Store.WaitingDeliveries(), r.outs)(t.Context(), r.now); err != nil {
		t.Fatal(err)
	}
	if n := len(r.outs.messages); n != len(r.changes) {
		t.Fatalf("got %d messages, want %d", n, len(r.changes))
	}
	slices.Reverse(r.outs.messages)
	r.work(t)
	r.check(t)
	if d := cmp.Diff(map[string][]string{"/all": r.want, "/some": r.wantEnd}, r.got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

// The process dies at each of its calls of the table, the queue and the receivers,
// before the call is made or before its answer arrives. The stream repeats the whole
// batch, and each event is one delivery.
func TestEvents_DiesAnywhere(t *testing.T) {
	for _, made := range []bool{false, true} {
		for calls, lived := 0, false; !lived; calls++ {
			t.Run(fmt.Sprintf("after %d calls, the last is made: %t", calls, made), func(t *testing.T) {
				r := newEventRig(t, &life{left: calls, made: made})
				r.follow(t, r.changes)
				r.work(t)
				lived = !r.life.dead
				r.life.dead, r.life.immortal = false, true
				r.follow(t, r.changes)
				r.settleDown(t)
				r.check(t)
			})
			if lived && calls < 20 {
				t.Errorf("got %d calls for the events, want at least 20", calls)
			}
		}
	}
}

// Records that are repeated, late, split into batches or out of order cause the same
// deliveries.
func TestEvents_RecordsInAnyOrder(t *testing.T) {
	for name, order := range map[string][][]int{
		"twice": {{0, 1}, {0, 1}}, "in two batches": {{0}, {1}}, "the rest again": {{0, 1}, {1}}, "the first late": {{1}, {0}}, "backwards": {{1, 0}},
		"the first again at the end": {{0}, {1}, {0}},
	} {
		for _, between := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, sent between: %t", name, between), func(t *testing.T) {
				r := newEventRig(t, &life{immortal: true})
				for _, batch := range order {
					var changes []event.Change
					for _, i := range batch {
						changes = append(changes, r.changes[i])
					}
					r.follow(t, changes)
					if between {
						r.work(t)
					}
				}
				r.work(t)
				r.settleDown(t)
				r.check(t)
				for path, came := range r.got {
					if n := len(slices.Compact(slices.Sorted(slices.Values(came)))); n != len(came) {
						t.Errorf("got a duplicate event at %s, want each once: %q", path, came)
					}
				}
			})
		}
	}
}

// An org without webhooks gets no deliveries, none are stored, and the check costs
// one read for each batch.
func TestEvents_OrgWithoutWebhooks(t *testing.T) {
	l := &life{immortal: true}
	r := newEventRig(t, l)
	for _, e := range []delivery.Webhook{r.all, r.some} {
		if err := r.Store.DeleteWebhook(t.Context(), nil, r.org, e.ID); err != nil {
			t.Fatal(err)
		}
	}
	before, calls := len(r.Items(t)), l.calls
	r.follow(t, r.changes)
	if n := l.calls - calls; n != 1 {
		t.Errorf("got %d calls, want 1", n)
	}
	if after := len(r.Items(t)); after != before || len(r.outs.messages) != 0 {
		t.Errorf("got %d items and %d messages, want %d and 0", after, len(r.outs.messages), before)
	}
}

// A webhook without a successful delivery in five days is disabled. Its pending
// deliveries fail, and can be replayed once it is enabled again.
func TestWebhook_Fails(t *testing.T) {
	r := newEventRig(t, &life{immortal: true})
	dead := "http://127.0.0.1:1/"
	if _, err := r.Store.UpdateWebhook(t.Context(), nil, r.org, r.all.ID, delivery.WebhookPatch{URL: &dead}); err != nil {
		t.Fatal(err)
	}
	r.follow(t, r.changes)
	began := r.now
	for r.now.Sub(began) < 5*24*time.Hour {
		r.settleDown(t)
		r.now = r.now.Add(time.Hour)
	}
	e, err := r.Store.Webhook(t.Context(), r.org, r.all.ID)
	if err != nil || e.Disabled || e.FailingSince.IsZero() {
		t.Fatalf("got %+v, %v, want an enabled webhook, as no delivery is pending", e, err)
	}
	first, err := r.Store.Deliveries(t.Context(), r.org, r.all.ID, "", 100)
	if err != nil || len(first) != len(r.want) || first[0].Status != delivery.Failed || len(first[0].Attempts) != delivery.MaxAttempts {
		t.Fatalf("got %+v, %v, want failed deliveries with all attempts", first, err)
	}
	for _, d := range first[:2] {
		if _, err := r.Store.ReplayDelivery(t.Context(), nil, d.Ref, r.now); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.worker.Work(t.Context(), []byte(fmt.Sprintf(`{"org":%q,"target":%q,"delivery":%q}`, r.org, r.all.ID, first[0].ID))); err != nil {
		t.Fatal(err)
	}
	if e, err = r.Store.Webhook(t.Context(), r.org, r.all.ID); err != nil || !e.Disabled || e.Reason != delivery.Failing {
		t.Fatalf("got %+v, %v, want a webhook disabled as failing", e, err)
	}
	r.settleDown(t)
	second, err := r.Store.Deliveries(t.Context(), r.org, r.all.ID, "", 2)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range second {
		if last := d.Attempts[len(d.Attempts)-1]; d.Status != delivery.Failed || d.ID == first[1].ID && last.Failure != delivery.Off {
			t.Errorf("got %s %+v, want failed as the webhook is disabled", d.Status, last)
		}
	}
	if _, err := r.Store.UpdateWebhook(t.Context(), nil, r.org, r.all.ID, delivery.WebhookPatch{Disabled: new(false), URL: &r.all.URL}); err != nil {
		t.Fatal(err)
	}
	done, err := r.Store.ReplayDeliveries(t.Context(), nil, delivery.Range{OrgID: r.org, Target: r.all.ID, From: began.Add(-time.Hour), To: r.now}, r.now)
	if err != nil || len(done.Refs) != len(r.want) || !done.Rest.IsZero() {
		t.Fatalf("got %+v, %v, want %d replayed deliveries", done, err, len(r.want))
	}
	r.settleDown(t)
	r.check(t)
}
