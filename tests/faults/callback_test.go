package faults_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/quintet-agents/quintet/shared/api/flowgent"
	"github.com/quintet-agents/quintet/shared/boot"
	"github.com/quintet-agents/quintet/shared/delivery"
	"github.com/quintet-agents/quintet/shared/delivery/outbound"
	"github.com/quintet-agents/quintet/shared/dynamo/dynamotest"
	"github.com/quintet-agents/quintet/shared/identity"
	"github.com/quintet-agents/quintet/shared/job"
	"github.com/quintet-agents/quintet/shared/ledger"
	"github.com/quintet-agents/quintet/shared/model"
	"github.com/quintet-agents/quintet/shared/secret"
	"github.com/quintet-agents/quintet/shared/turn"
	"github.com/quintet-agents/quintet/shared/work"
	"github.com/quintet-agents/quintet/tests/rig"
)

// life ends the process after a number of calls to anything outside it. The last
// call is made or not; its answer is lost, and no further call is made.
type life struct {
	mu       sync.Mutex
	left     int // calls until the process dies
	made     bool
	dead     bool
	immortal bool
	calls    int
	died     chan struct{} // closed by the death; nil: calls of the dead process fail at once
}

var errDead = errors.New("the process is dead")

func (l *life) call(do func() error) error {
	l.mu.Lock()
	if l.dead {
		l.mu.Unlock()
		l.rest()
		return errDead
	}
	l.calls++
	last := !l.immortal && l.calls > l.left
	if last {
		l.dead = true
	}
	l.mu.Unlock()
	if !last {
		return do()
	}
	if l.made {
		_ = do()
	}
	if l.died != nil {
		close(l.died)
	}
	l.rest()
	return errDead
}

// rest never returns in a process that runs by while: nothing of a dead process goes on, not even
// its retries.
func (l *life) rest() {
	if l.died != nil {
		select {}
	}
}

// while runs f until it returns or the process dies.
func (l *life) while(f func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		f()
	}()
	select {
	case <-done:
	case <-l.died:
	}
}

// RoundTrip counts the calls of the table.
func (l *life) RoundTrip(r *http.Request) (res *http.Response, err error) {
	dies := l.call(func() error { res, err = http.DefaultTransport.RoundTrip(r); return err })
	if errors.Is(dies, errDead) && res != nil {
		_ = res.Body.Close()
	}
	if dies != nil {
		return nil, dies
	}
	return res, nil
}

// mailbox is a queue that outlives the process.
type mailbox struct {
	life     *life
	messages [][]byte
}

func (m *mailbox) Send(_ context.Context, messages ...work.Message) error {
	if len(messages) == 0 {
		return nil
	}
	return m.life.call(func() error {
		for _, x := range messages {
			body, err := json.Marshal(x.Body)
			if err != nil {
				return err
			}
			m.messages = append(m.messages, body)
		}
		return nil
	})
}

// echo is a model.
type echo struct{ life *life }

func (e echo) Converse(_ context.Context, r model.Request) (model.Reply, error) {
	said := "You said: " + r.Messages[len(r.Messages)-1].Text
	return model.Reply{Text: said, Usage: &model.Usage{Input: 3, Output: 5}}, e.life.call(func() error { return nil })
}

func (echo) Stream(context.Context, model.Request) iter.Seq2[model.Event, error] { return nil }

// dyingSender is a client whose process may die before or after a request.
type dyingSender struct {
	life   *life
	client delivery.Sender
}

func (s dyingSender) Post(ctx context.Context, r delivery.Request) (result delivery.Result, err error) {
	err = s.life.call(func() error { result, err = s.client.Post(ctx, r); return err })
	return result, err
}

// inClear does not encrypt secrets.
type inClear struct{}

func (inClear) Seal(_ context.Context, _, plain string) ([]byte, error)    { return []byte(plain), nil }
func (inClear) Open(_ context.Context, _ string, b []byte) (string, error) { return string(b), nil }

type anyURL struct{}

func (anyURL) Check(context.Context, string, string) error { return nil }

type keyOf struct{ caller identity.Caller }

func (k keyOf) Authenticate(context.Context, string) (identity.Caller, error) { return k.caller, nil }
func (keyOf) Origins(context.Context, string) ([]string, error)               { return nil, nil }

// received collects the requests that a receiver got, by webhook-id.
type received struct {
	mu     sync.Mutex
	bodies map[string][]string
	header http.Header
}

func (r *received) ServeHTTP(_ http.ResponseWriter, req *http.Request) {
	body, _ := io.ReadAll(req.Body)
	r.mu.Lock()
	defer r.mu.Unlock()
	id := req.Header.Get("webhook-id")
	r.bodies[id] = append(r.bodies[id], string(body))
	r.header = req.Header
}

// callbackRig has every part that handles a callback, in one process that can die.
type callbackRig struct {
	dynamotest.Table
	life       *life
	now        time.Time
	jobs, outs *mailbox
	accept     http.Handler
	run, send  func(context.Context, []byte) error
	sweep      func(context.Context, time.Time) error
	secrets    *secret.Keeper
	org        string
}

func newCallbackRig(t *testing.T, l *life) *callbackRig {
	t.Helper()
	r := &callbackRig{life: l, now: time.Now()}
	clock := func() time.Time { return r.now }
	whole := dynamotest.Open(t)
	r.org = whole.Org(t, 10*ledger.Credit, func(a *ledger.Account) { a.Limits.RatePerMinute, a.Limits.KeyRatePerMinute = 1000, 1000 })
	agent := whole.Agent(t, r.org, "be brief")
	r.Table = whole.Beside(dynamotest.Through(l), dynamotest.At(clock), dynamotest.Eager())
	r.jobs, r.outs = &mailbox{life: l}, &mailbox{life: l}
	engine := &turn.Engine{Store: r.Store, Model: echo{l}, DefaultModel: "echo", Now: clock}
	handler := flowgent.ChatCreate(keyOf{identity.Caller{OrgID: r.org, KeyID: "key"}}, engine, job.Intake{Creator: r.Store, URLs: anyURL{}, Workers: r.jobs, Now: clock})
	r.accept = http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		req.SetPathValue("agent_id", agent.ID)
		handler.ServeHTTP(w, req)
	})
	r.secrets = &secret.Keeper{Store: whole.Store, Box: inClear{}, Now: clock}
	loopback := outbound.NewGuard([]netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")})
	worker := &delivery.Worker{
		Store: r.Store, Secrets: r.secrets, Sender: dyingSender{l, outbound.NewClient(loopback, nil, time.Now)}, Queue: r.outs, Now: clock,
	}
	runs := &job.Worker{Store: r.Store, Turns: engine, Report: flowgent.Callback, Workers: r.jobs, Deliveries: r.outs, Now: clock}
	r.run, r.send = runs.Work, worker.Work
	r.sweep = boot.Jobs(work.Sweep(r.Store.WaitingJobs(), r.jobs), work.Sweep(r.Store.WaitingDeliveries(), r.outs))
	return r
}

// ask sends the chat until it is acknowledged, as a client with an idempotency key
// does.
func (r *callbackRig) ask(url string) int {
	req := httptest.NewRequest(http.MethodPost, "/api/public/agent/a/chat", strings.NewReader(`{"messages":"hello","callback_url":"`+url+`"}`))
	req.Header.Set("Authorization", "key")
	req.Header.Set("Idempotency-Key", "one")
	w := httptest.NewRecorder()
	r.accept.ServeHTTP(w, req)
	if !strings.Contains(w.Body.String(), `"status":"processing"`) {
		return 0
	}
	return w.Code
}

// work handles messages until none are left.
func (r *callbackRig) work(t *testing.T) {
	t.Helper()
	for len(r.jobs.messages)+len(r.outs.messages) > 0 {
		for box, do := range map[*mailbox]func(context.Context, []byte) error{r.jobs: r.run, r.outs: r.send} {
			taken := box.messages
			box.messages = nil
			for _, m := range taken {
				if err := do(t.Context(), m); err != nil && !errors.Is(err, errDead) {
					t.Logf("%s: %v", m, err)
				}
			}
		}
	}
}

// The process dies at each of its calls of the table, the queues, the model and
// the receiver, before the call is made or before its answer arrives. After the
// restart and one run of the sweeper, the callback has arrived under one
// webhook-id, is charged and counted once, and no longer counts as waiting.
func TestCallback_DiesAnywhere(t *testing.T) {
	for _, made := range []bool{false, true} {
		for calls := 0; ; calls++ {
			r := newCallbackRig(t, &life{left: calls, made: made, died: make(chan struct{})})
			done := false
			t.Run(fmt.Sprintf("after %d calls, the last is made: %t", calls, made), func(t *testing.T) { done = r.die(t) })
			if done {
				if calls < 10 {
					t.Errorf("got %d calls for a callback, want at least 10", calls)
				}
				break
			}
		}
	}
}

// die lets the process die and start again, and reports whether it survived.
func (r *callbackRig) die(t *testing.T) (lived bool) {
	got := &received{bodies: map[string][]string{}}
	receiver := httptest.NewServer(got)
	defer receiver.Close()
	acknowledged := false
	r.life.while(func() {
		acknowledged = r.ask(receiver.URL) == http.StatusOK
		r.work(t)
	})
	lived = !r.life.dead

	r.life.dead, r.life.immortal = false, true
	if !acknowledged {
		if status := r.ask(receiver.URL); status != http.StatusOK {
			t.Fatalf("got status %d after the restart, want 200", status)
		}
	}
	// Leases and slots of the dead process expire within a minute.
	r.now = r.now.Add(time.Minute)
	if err := r.sweep(t.Context(), r.now); err != nil {
		t.Fatal(err)
	}
	r.work(t)

	if len(got.bodies) != 1 {
		t.Fatalf("got %d webhook-ids, want 1: %v", len(got.bodies), got.bodies)
	}
	for id, bodies := range got.bodies {
		for _, b := range bodies {
			if b != bodies[0] || !strings.HasPrefix(b, `{"statusCode":200,"body":{"agent_id":"`) || !strings.Contains(b, "You said: hello") {
				t.Errorf("got callback %s: %s, want the same answer each time", id, b)
			}
		}
		secrets, err := r.secrets.Signing(t.Context(), r.org, delivery.Callbacks)
		if err != nil {
			t.Fatal(err)
		}
		w, err := standardwebhooks.NewWebhook(secrets[0])
		if err != nil {
			t.Fatal(err)
		}
		if err := w.VerifyIgnoringTimestamp([]byte(bodies[0]), got.header); err != nil {
			t.Error(err)
		}
	}
	charged, turns := faultRig{&rig.Rig{Table: r.Table}}.settled(t)
	if turns != 1 {
		t.Errorf("got %d turns, want 1", turns)
	}
	a := r.Account(t, r.org)
	if a.Balance() != 10*ledger.Credit-charged {
		t.Errorf("got balance %d, want %d", a.Balance(), 10*ledger.Credit-charged)
	}
	if a.Waiting != 0 {
		t.Errorf("got %d waiting callbacks after the last one is finished, want 0", a.Waiting)
	}
	if got := r.requests(t); got != "1" {
		t.Errorf("got %s requests counted against the rate, want 1", got)
	}
	return lived
}

// While as many callbacks wait as the org's limit allows, a further chat gets a 429 with
// Retry-After. It is accepted once a callback is finished, even under the same key.
func TestCallback_WaitingLimit(t *testing.T) {
	r := newCallbackRig(t, &life{immortal: true})
	receiver := httptest.NewServer(&received{bodies: map[string][]string{}})
	defer receiver.Close()
	if _, err := r.Store.ChangeLimits(t.Context(), nil, r.org, ledger.LimitsPatch{MaxWaitingTurns: new(1)}); err != nil {
		t.Fatal(err)
	}
	chat := func(key string) *httptest.ResponseRecorder {
		req := httptest.NewRequest(http.MethodPost, "/api/public/agent/a/chat", strings.NewReader(`{"messages":"hello","callback_url":"`+receiver.URL+`"}`))
		req.Header.Set("Authorization", "key")
		req.Header.Set("Idempotency-Key", key)
		w := httptest.NewRecorder()
		r.accept.ServeHTTP(w, req)
		return w
	}
	if w := chat("one"); w.Code != http.StatusOK {
		t.Fatalf("got %d %s for the first chat, want 200", w.Code, w.Body)
	}
	w := chat("two")
	want := `{"error":"Rate limit exceeded","message":"The organisation's limit of 1 waiting turns is reached"}`
	if w.Code != http.StatusTooManyRequests || w.Header().Get("Retry-After") != "5" || w.Body.String() != want {
		t.Errorf("got %d, Retry-After %q, %s, want 429, 5, %s", w.Code, w.Header().Get("Retry-After"), w.Body, want)
	}
	if w := chat("one"); w.Code != http.StatusOK || w.Header().Get("Idempotency-Replayed") != "true" {
		t.Errorf("got %d %s for a repeated chat, want its first answer", w.Code, w.Body)
	}
	r.work(t)
	if w := chat("two"); w.Code != http.StatusOK {
		t.Errorf("got %d %s once the first callback is finished, want 200", w.Code, w.Body)
	}
}

// requests returns how many requests the org's current rate window has counted.
func (r *callbackRig) requests(t *testing.T) string {
	t.Helper()
	for _, it := range r.Items(t) {
		if window, ok := it["rate_org"].(*types.AttributeValueMemberM); ok {
			return window.Value["requests"].(*types.AttributeValueMemberN).Value
		}
	}
	return "0"
}

// While an org has its largest number of turns running, a further job is postponed
// with a delayed message, and a duplicate message for it does nothing. The job runs
// once a slot is free.
func TestCallback_WaitsForSlot(t *testing.T) {
	r := newCallbackRig(t, &life{immortal: true})
	got := &received{bodies: map[string][]string{}}
	receiver := httptest.NewServer(got)
	defer receiver.Close()
	place := work.Place{OrgID: r.org, Stage: work.Runs}
	var taken []work.Slot
	for range work.RunSlots {
		s, ok, err := r.Store.ClaimSlot(t.Context(), place, r.now, r.now.Add(time.Hour))
		if err != nil || !ok {
			t.Fatalf("got %t, %v, want a slot", ok, err)
		}
		taken = append(taken, s)
	}
	if status := r.ask(receiver.URL); status != http.StatusOK {
		t.Fatalf("got status %d, want 200", status)
	}
	message := r.jobs.messages[0]
	if err := r.run(t.Context(), message); err != nil {
		t.Fatal(err)
	}
	if n := len(r.jobs.messages); n != 2 {
		t.Fatalf("got %d messages after the job was postponed, want the first and one more", n)
	}
	r.jobs.messages = nil
	calls := r.life.calls
	if err := r.run(t.Context(), message); err != nil || len(r.jobs.messages) != 0 {
		t.Errorf("got %v and %d messages for a duplicate message, want none", err, len(r.jobs.messages))
	}
	if n := r.life.calls - calls; n != 1 {
		t.Errorf("got %d calls for a duplicate message, want 1", n)
	}
	if err := r.Store.FreeSlot(t.Context(), taken[3]); err != nil {
		t.Fatal(err)
	}
	r.now = r.now.Add(10 * time.Second)
	if err := r.run(t.Context(), message); err != nil {
		t.Fatal(err)
	}
	r.work(t)
	if n := len(got.bodies); n != 1 {
		t.Errorf("got %d callbacks, want 1", n)
	}
	if _, ok, err := r.Store.ClaimSlot(t.Context(), place, r.now, r.now.Add(time.Hour)); err != nil || !ok {
		t.Errorf("got %v, want a slot: the run must have released its own", err)
	}
}
