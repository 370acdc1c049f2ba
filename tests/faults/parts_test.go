package faults_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/quintet-agents/quintet/shared/delivery"
	"github.com/quintet-agents/quintet/shared/dynamo"
	"github.com/quintet-agents/quintet/shared/dynamo/dynamotest"
	"github.com/quintet-agents/quintet/shared/event"
	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/ledger"
	"github.com/quintet-agents/quintet/shared/secret"
	"github.com/quintet-agents/quintet/shared/turn"
)

// partsRig is an org whose account is in parts, and a process that follows the
// account's changes and can die.
type partsRig struct {
	dynamotest.Table
	life    *life
	now     time.Time
	feed    *event.Feed
	org     string
	webhook delivery.Webhook
	open    []ledger.Hold
	items   map[string]map[string]types.AttributeValue // the account's items at the last call of follow

	below int      // how many bounds the org was last found below
	want  []string // the expected event types of its webhook
}

func newPartsRig(t *testing.T, whole dynamotest.Table, balance ledger.Credits, parts int) *partsRig {
	t.Helper()
	r := &partsRig{life: &life{immortal: true}, now: time.Now().Truncate(time.Millisecond)}
	r.org = whole.Org(t, balance, func(a *ledger.Account) {
		a.Limits.RatePerMinute, a.Limits.KeyRatePerMinute = 1e6, 1e6
	})
	r.webhook = delivery.Webhook{
		ID: delivery.NewID(), OrgID: r.org, URL: "http://127.0.0.1:1/", Events: []string{event.CreditsLow, event.CreditsExhausted}, CreatedAt: r.now,
	}
	if err := whole.Store.CreateWebhook(t.Context(), nil, r.webhook, []byte(secret.New())); err != nil {
		t.Fatal(err)
	}
	r.Table = whole
	r.feed = &event.Feed{
		Store:   whole.Beside(dynamotest.Through(r.life), dynamotest.Eager()).Store,
		Workers: &mailbox{life: r.life}, Now: func() time.Time { return r.now },
	}
	r.changes(t)
	if _, err := whole.Store.ChangeLimits(t.Context(), nil, r.org, ledger.LimitsPatch{Shards: &parts}); err != nil {
		t.Fatal(err)
	}
	r.follow(t, r.changes(t), false, 0, false)
	r.below = owns(balance)
	return r
}

// changes returns the changes of the account's items since the last call of follow.
func (r *partsRig) changes(t *testing.T) []event.Change {
	t.Helper()
	items := map[string]map[string]types.AttributeValue{}
	var all []event.Change
	for _, it := range r.Items(t) {
		sk := it["sk"].(*types.AttributeValueMemberS).Value
		if !strings.HasPrefix(sk, "ACCOUNT") || !strings.HasSuffix(it["pk"].(*types.AttributeValueMemberS).Value, r.org) {
			continue
		}
		items[sk] = it
		c, err := dynamo.ReadChange(r.items[sk], it)
		if err != nil || c.Account == nil {
			t.Fatalf("%s: got %+v, %v, want a change of an account", sk, c, err)
		}
		if was := c.Account.Before; was != nil && cmp.Diff(was, c.Account.After) != "" {
			c.ID, c.At = fmt.Sprintf("%s %s", sk, r.now), r.now
			all = append(all, c)
		}
	}
	r.items = items
	return all
}

// owns returns how many bounds an org with this balance is below.
func owns(balance ledger.Credits) int {
	switch {
	case balance < ledger.DefaultHold:
		return 2
	case balance < 10*ledger.DefaultHold:
		return 1
	}
	return 0
}

// found adds the events of an org that is below so many bounds to the wanted ones.
func (r *partsRig) found(below int) {
	for n := r.below; n < below; n++ {
		r.want = append(r.want, []string{event.CreditsLow, event.CreditsExhausted}[n])
	}
	r.below = below
}

// fanOut processes fan-outs as the delivery worker does.
func (r *partsRig) fanOut(t *testing.T) {
	t.Helper()
	waiting, err := r.Store.Deliveries(t.Context(), r.org, delivery.Fanout, "", 100)
	if err != nil {
		t.Fatal(err)
	}
	lost, clock := &mailbox{life: &life{immortal: true}}, func() time.Time { return r.now }
	worker := &delivery.Worker{Store: r.Store, Queue: lost, Now: clock, Fanout: &event.Fanout{Store: r.Store, Workers: lost, Now: clock}}
	for _, d := range slices.Backward(waiting) {
		message, err := json.Marshal(d.Ref)
		if err != nil {
			t.Fatal(err)
		}
		if err := worker.Work(t.Context(), message); err != nil {
			t.Fatal(err)
		}
	}
}

// told returns the event types in a webhook's log, oldest first.
func (r *partsRig) told(t *testing.T, webhook string) (kinds []string) {
	t.Helper()
	r.fanOut(t)
	logged, err := r.Store.Deliveries(t.Context(), r.org, webhook, "", 100)
	if err != nil {
		t.Fatal(err)
	}
	ids := map[string]bool{}
	for _, d := range slices.Backward(logged) {
		if kinds = append(kinds, d.Type); ids[d.EventID] {
			t.Errorf("got the event id %s twice, want each once", d.EventID)
		}
		ids[d.EventID] = true
	}
	return kinds
}

func (r *partsRig) admit(t *testing.T) {
	t.Helper()
	hold, err := r.Store.Admit(t.Context(), turn.Admission{OrgID: r.org, KeyID: "key", TurnID: turn.NewID(), At: r.now})
	if err != nil {
		if !fault.Is(err, fault.InsufficientCredits) {
			t.Fatal(err)
		}
		return
	}
	r.open = append(r.open, hold)
}

func (r *partsRig) settle(t *testing.T, charge ledger.Credits) {
	t.Helper()
	if len(r.open) == 0 {
		return
	}
	hold := r.open[0]
	r.open = r.open[1:]
	_, err := r.Store.Settle(t.Context(), &turn.Settlement{Hold: hold, Turn: turn.Turn{
		ID: hold.TurnID, OrgID: r.org, ThreadID: hold.TurnID, AgentID: "agent", Channel: "test", Place: r.now.UnixMicro(), StartedAt: r.now, SettledAt: r.now,
		User: "hello", Assistant: "hi", Charge: charge,
	}})
	if err != nil {
		t.Fatal(err)
	}
}

func (r *partsRig) entry(t *testing.T, amount ledger.Credits) {
	t.Helper()
	err := r.Store.AddEntry(t.Context(), nil, ledger.Entry{ID: turn.NewID(), OrgID: r.org, Kind: ledger.Adjustment, Amount: amount, Reason: "x", At: r.now})
	if err != nil && !fault.Is(err, fault.Conflict) {
		t.Fatal(err)
	}
}

// follow processes changes in a process that dies after some calls. Unless changes
// are pending after its death, a second process completes them.
func (r *partsRig) follow(t *testing.T, changes []event.Change, dies bool, calls int, made bool) (died bool) {
	t.Helper()
	r.life.mu.Lock()
	r.life.immortal, r.life.dead, r.life.left, r.life.made = !dies, false, r.life.calls+calls, made
	r.life.mu.Unlock()
	done, err := r.feed.Follow(t.Context(), changes)
	died = r.life.dead
	r.life.dead, r.life.immortal = false, true
	if err != nil && !died || err == nil && done != len(changes) {
		t.Fatalf("got %d of %d changes processed, %v, want all or a death", done, len(changes), err)
	}
	return died
}

// Turns, loans, top-ups and adjustments change the parts of an account at random, the
// process that follows the changes dies anywhere, and changes are repeated. Each time
// the org is found below a bound, exactly one event is sent.
func TestCreditEvents_RandomChangesOfParts(t *testing.T) {
	dynamotest.Checks(t, *times)
	whole := dynamotest.Open(t)
	rapid.Check(t, func(rt *rapid.T) {
		hold := int64(ledger.DefaultHold)
		r := newPartsRig(t, whole, ledger.Credits(rapid.Int64Range(0, 30*hold).Draw(rt, "credits")), rapid.IntRange(2, 4).Draw(rt, "parts"))
		var old []event.Change // may be repeated at any time
		var due []event.Change // are repeated until they are processed
		for range rapid.IntRange(3, 10).Draw(rt, "steps") {
			r.now = r.now.Add(time.Second)
			for range rapid.IntRange(1, 3).Draw(rt, "at once") {
				switch rapid.IntRange(0, 3).Draw(rt, "what") {
				case 0:
					r.admit(t)
				case 1:
					r.settle(t, ledger.Credits(rapid.Int64Range(0, 2*hold).Draw(rt, "charge")))
				case 2:
					r.entry(t, ledger.Credits(rapid.Int64Range(-20*hold, 20*hold).Draw(rt, "amount")))
				case 3: // all available credits, or nearly all
					r.entry(t, -r.Account(t, r.org).Available+ledger.Credits(rapid.Int64Range(0, 2*hold).Draw(rt, "left")))
				}
			}
			due = append(due, r.changes(t)...)
			if len(old) > 0 && rapid.Bool().Draw(rt, "again") {
				due = append(due, rapid.SampledFrom(old).Draw(rt, "old"))
			}
			died := r.follow(t, due, rapid.Bool().Draw(rt, "dies"), rapid.IntRange(0, 20).Draw(rt, "calls"), rapid.Bool().Draw(rt, "made"))
			was, _, err := r.Store.Standing(t.Context(), r.org)
			if err != nil {
				rt.Fatal(err)
			}
			r.found(was.Below) // perhaps by the process that died
			if died && rapid.Bool().Draw(rt, "goes on meanwhile") {
				continue
			}
			r.follow(t, due, false, 0, false)
			r.found(owns(r.Account(t, r.org).Balance()))
			old, due = append(old, due...), nil
			if d := cmp.Diff(r.want, r.told(t, r.webhook.ID)); d != "" {
				rt.Fatalf("(-want +got):\n%s", d)
			}
		}
	})
}

// The process dies at each of its calls, before the call is made or before its answer
// arrives. A crossed bound is reported once, even if the balance has recovered when the
// changes are repeated.
func TestCreditEvents_DiesAnywhere(t *testing.T) {
	whole := dynamotest.Open(t)
	for _, made := range []bool{false, true} {
		for _, over := range []bool{false, true} {
			for calls, died := 0, true; died; calls++ {
				t.Run(fmt.Sprintf("after %d calls, the last is made: %t, over by then: %t", calls, made, over), func(t *testing.T) {
					r := newPartsRig(t, whole, 20*ledger.DefaultHold, 2)
					r.entry(t, -20*ledger.DefaultHold)
					due := r.changes(t)
					died = r.follow(t, due, true, calls, made)
					is, _, err := r.Store.Standing(t.Context(), r.org)
					if err != nil {
						t.Fatal(err)
					}
					if r.found(is.Below); over {
						r.entry(t, 20*ledger.DefaultHold)
						due = append(due, r.changes(t)...)
					} else {
						r.found(2)
					}
					r.follow(t, due, false, 0, false)
					if d := cmp.Diff(r.want, r.told(t, r.webhook.ID)); d != "" {
						t.Errorf("(-want +got):\n%s", d)
					}
				})
			}
		}
	}
}

// Turns race on the parts of an account while three processes follow its changes. A
// reader of one part after the other can see lent credits in both parts or in neither.
// Free turns cross no bound, and turns that take all credits cross each bound once.
func TestCreditEvents_ConcurrentTurns(t *testing.T) {
	whole := dynamotest.Open(t)
	for range 1 + *times/10 {
		r := newPartsRig(t, whole, 11*ledger.DefaultHold, 8)
		full, empty := r.Account(t, r.org), r.Account(t, r.org)
		empty.Available = 0
		change := []event.Change{{ID: "r", At: r.now, Account: &event.Pair[ledger.Account]{Before: &full, After: &empty}}}
		ended := make(chan struct{})
		var turns, feeds sync.WaitGroup
		for range 3 {
			feed := *r.feed
			feed.Workers = &mailbox{life: r.life}
			feeds.Go(func() {
				for {
					if _, err := feed.Follow(t.Context(), change); err != nil {
						t.Error(err)
					}
					select {
					case <-ended:
						return
					default:
					}
				}
			})
		}
		race := func(charge ledger.Credits) {
			for range 4 {
				turns.Go(func() {
					mine := *r
					for range 6 {
						mine.admit(t)
						mine.settle(t, charge)
					}
				})
			}
			turns.Wait()
		}
		race(0)
		if told := r.told(t, r.webhook.ID); told != nil {
			t.Errorf("got events %q for free turns, want none", told)
		}
		race(ledger.DefaultHold)
		r.entry(t, -r.Account(t, r.org).Available)
		close(ended)
		feeds.Wait()
		r.follow(t, change, false, 0, false)
		told := slices.Sorted(slices.Values(r.told(t, r.webhook.ID))) // the events may have the same time
		if d := cmp.Diff([]string{event.CreditsExhausted, event.CreditsLow}, told); d != "" {
			t.Errorf("(-want +got):\n%s", d)
		}
	}
}

// tornReads makes calls of the table, and runs a function once, between the reads of
// an account's second part and its first.
type tornReads struct {
	firsts  int
	second  chan struct{}
	between func()
}

func (x *tornReads) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	switch read := strings.HasSuffix(r.Header.Get("X-Amz-Target"), ".GetItem"); {
	case read && bytes.Contains(body, []byte(`"ACCOUNT#1"`)) && x.second != nil:
		defer close(x.second)
	case read && bytes.Contains(body, []byte(`"ACCOUNT"`)):
		if x.firsts++; x.firsts == 2 { // the first read asks for the number of parts
			<-x.second
			x.second = nil
			x.between()
		}
	}
	return http.DefaultTransport.RoundTrip(r)
}

// A loan that is in neither of the parts read does not count as missing: no event is
// sent, and no state is stored.
func TestCreditEvents_LoanDuringRead(t *testing.T) {
	whole := dynamotest.Open(t)
	r := newPartsRig(t, whole, 16*ledger.DefaultHold, 2)
	if _, err := whole.Store.ChangeLimits(t.Context(), nil, r.org, ledger.LimitsPatch{MaxConcurrentTurns: new(2)}); err != nil {
		t.Fatal(err)
	}
	r.admit(t)
	changes := r.changes(t)
	lent := &tornReads{second: make(chan struct{}), between: func() { r.admit(t) }} // on the second part, with half of the first part's credits
	r.feed.Store = whole.Beside(dynamotest.Through(lent)).Store
	for i := range changes {
		changes[i].Account.After.Available = 0 // low enough to be checked
	}
	r.follow(t, changes, false, 0, false)
	if parts := r.changes(t); len(r.open) != 2 || len(parts) != 2 {
		t.Fatalf("got %d open turns and %d changed parts, want 2 and 2: a loan", len(r.open), len(parts))
	}
	if is, _, err := r.Store.Standing(t.Context(), r.org); err != nil || is.Changes != 0 || lent.firsts < 4 {
		t.Errorf("got %+v after %d reads, %v, want no changes after at least 4", is, lent.firsts, err)
	}
	if told := r.told(t, r.webhook.ID); told != nil {
		t.Errorf("got events %q, want none", told)
	}
}

// Changes that cannot cross a bound cost no calls: those of rich parts, and of orgs
// without metering. A webhook gets only events that are later than its creation.
func TestCreditEvents_NoCallsAboveBounds(t *testing.T) {
	r := newPartsRig(t, dynamotest.Open(t), 100*ledger.DefaultHold, 2)
	r.admit(t)
	r.settle(t, ledger.DefaultHold)
	changes := r.changes(t)
	changes = slices.DeleteFunc(changes, func(c event.Change) bool { return c.Account.After.Available < 10*ledger.DefaultHold })
	calls := r.life.calls
	r.follow(t, changes, false, 0, false)
	if n := r.life.calls - calls; n != 0 {
		t.Errorf("got %d calls for rich parts, want 0", n)
	}
	r.entry(t, -r.Account(t, r.org).Available)
	low := r.changes(t)
	for _, c := range low {
		free := *c.Account.After
		free.Metered = false
		r.follow(t, []event.Change{{ID: "f", At: r.now, Account: &event.Pair[ledger.Account]{Before: c.Account.Before, After: &free}}}, false, 0, false)
	}
	if got := r.told(t, r.webhook.ID); r.life.calls != calls || got != nil {
		t.Errorf("got %d calls and events %q without metering, want none", r.life.calls-calls, got)
	}
	r.follow(t, low, false, 0, false)
	late := r.webhook
	late.ID, late.CreatedAt = delivery.NewID(), r.now.Add(time.Minute)
	if err := r.Store.CreateWebhook(t.Context(), nil, late, []byte(secret.New())); err != nil {
		t.Fatal(err)
	}
	r.now = late.CreatedAt.Add(time.Minute)
	r.follow(t, low, false, 0, false)
	r.entry(t, 100*ledger.DefaultHold)
	r.follow(t, r.changes(t), false, 0, false)
	r.entry(t, -99*ledger.DefaultHold)
	r.follow(t, r.changes(t), false, 0, false)
	want := map[string][]string{
		r.webhook.ID: {event.CreditsLow, event.CreditsExhausted, event.CreditsLow}, late.ID: {event.CreditsLow},
	}
	for _, id := range slices.Sorted(maps.Keys(want)) {
		if d := cmp.Diff(want[id], r.told(t, id)); d != "" {
			t.Errorf("%s (-want +got):\n%s", id, d)
		}
	}
}
