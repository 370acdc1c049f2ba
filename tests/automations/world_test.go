// Package automations_test runs automations with their real effects: requests to a server, turns
// of the local model, and messages to a fake of Meta. It kills and freezes the workers at each of
// their calls, and checks that each effect happens once and that each run ends visibly.
package automations_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime"
	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/quintet-agents/quintet/shared/agent"
	"github.com/quintet-agents/quintet/shared/automation"
	"github.com/quintet-agents/quintet/shared/automation/effect"
	"github.com/quintet-agents/quintet/shared/awshttp"
	"github.com/quintet-agents/quintet/shared/channel"
	"github.com/quintet-agents/quintet/shared/channel/meta"
	"github.com/quintet-agents/quintet/shared/channel/phone"
	"github.com/quintet-agents/quintet/shared/connection"
	"github.com/quintet-agents/quintet/shared/delivery/outbound"
	"github.com/quintet-agents/quintet/shared/dynamo"
	"github.com/quintet-agents/quintet/shared/dynamo/dynamotest"
	"github.com/quintet-agents/quintet/shared/event"
	"github.com/quintet-agents/quintet/shared/inbox"
	"github.com/quintet-agents/quintet/shared/ledger"
	"github.com/quintet-agents/quintet/shared/model/bedrock"
	"github.com/quintet-agents/quintet/shared/model/scripted"
	"github.com/quintet-agents/quintet/shared/model/watch"
	"github.com/quintet-agents/quintet/shared/secret"
	"github.com/quintet-agents/quintet/shared/turn"
	"github.com/quintet-agents/quintet/shared/work"
	"github.com/quintet-agents/quintet/tests/graph"
	"github.com/quintet-agents/quintet/tests/mortal"
	"github.com/quintet-agents/quintet/tests/rig"
)

func TestMain(m *testing.M) { rig.Main(m) }

const (
	balance = 1000 * ledger.Credit
	hidden  = "kept-to-ourselves" // the value of the secret header
)

// hall is what the worlds of a test share: a table, a model, a receiver, Meta and a clock.
type hall struct {
	dynamotest.Table
	model    string // URL
	receiver *receiver
	meta     *graph.Server
	signing  string

	mu     sync.Mutex
	clock  time.Time
	people int
}

func openHall(t *testing.T) *hall {
	t.Helper()
	h := &hall{clock: time.Now().UTC().Truncate(time.Millisecond), signing: secret.New()}
	h.Table = dynamotest.Open(t, dynamotest.At(h.now), dynamotest.Eager())
	wire := httptest.NewServer(scripted.Handler(scripted.Options{Wait: func(context.Context, time.Duration) error { return nil }}))
	t.Cleanup(wire.Close)
	h.model = wire.URL
	h.receiver = startReceiver(t)
	h.meta = graph.Start(t, graph.Number{ID: "1", AccountID: "2", Token: "t", Templates: []graph.Template{{Name: "order", Language: "en", Body: "Order {{1}} is {{2}}"}}})
	return h
}

func (h *hall) now() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.clock
}

func (h *hall) sleep(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.clock = h.clock.Add(d)
}

// Signing implements effect.Signer.
func (h *hall) Signing(context.Context, string, string) ([]string, error) {
	return []string{h.signing}, nil
}

// receiver is a customer's server. It answers with what it got, and counts requests by their
// idempotency key.
type receiver struct {
	URL string

	mu     sync.Mutex
	got    map[string][]received
	answer func(w http.ResponseWriter, r *http.Request) bool // in place of the usual answer; nil: never
}

type received struct {
	header http.Header
	path   string
	body   []byte
}

func startReceiver(t *testing.T) *receiver {
	t.Helper()
	v := &receiver{got: map[string][]received{}}
	server := httptest.NewServer(v)
	t.Cleanup(server.Close)
	v.URL = server.URL
	return v
}

func (v *receiver) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	v.mu.Lock()
	v.got[r.Header.Get("Idempotency-Key")] = append(v.got[r.Header.Get("Idempotency-Key")], received{r.Header, r.URL.Path, body})
	answer := v.answer
	v.mu.Unlock()
	if answer != nil && answer(w, r) {
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Request-Id", "r1")
	_, _ = fmt.Fprintf(w, `{"path":%q,"key":%q,"items":["x","y"]}`, r.URL.Path, r.Header.Get("X-Key"))
}

// of returns the requests under a key.
func (v *receiver) of(key string) []received {
	v.mu.Lock()
	defer v.mu.Unlock()
	return slices.Clone(v.got[key])
}

// world is one org with an agent, a connection and a person who has just written. Its queue
// outlives every worker.
type world struct {
	*hall
	org        string
	agent      agent.Agent
	connection connection.Connection
	person     string
	claimed    time.Duration // how long a turn keeps its key; 0: as in the product

	mu    sync.Mutex
	queue []queued
}

type queued struct {
	body []byte
	at   time.Time
}

func (h *hall) world(t *testing.T) *world {
	t.Helper()
	w := &world{hall: h}
	h.mu.Lock()
	h.people++
	w.person = fmt.Sprintf("316%08d", 12345678+h.people)
	h.mu.Unlock()
	w.org = h.Org(t, balance, func(a *ledger.Account) { a.Limits.RatePerMinute, a.Limits.KeyRatePerMinute = 1e6, 1e6 })
	w.agent = h.Agent(t, w.org, "be brief")
	w.connection = connection.Connection{
		ID: connection.NewID(), OrgID: w.org, AgentID: w.agent.ID, Channel: connection.WhatsApp, Name: "Shop", Credentials: 1,
		Identifiers: map[string]string{"phone_number_id": "1"}, Settings: connection.DefaultSettings(),
		RotatedAt: h.now(), CreatedAt: h.now(), UpdatedAt: h.now(),
	}
	if err := h.Store.CreateConnection(t.Context(), nil, w.connection, connection.Sealed{"access_token": []byte("t")}); err != nil {
		t.Fatal(err)
	}
	w.meet(t, w.person, h.now())
	return w
}

// meet stores a person who wrote last at a time.
func (w *world) meet(t *testing.T, person string, at time.Time, change ...func(*inbox.Contact)) {
	t.Helper()
	c := inbox.Contact{
		ID: connection.NewID(), OrgID: w.org, ConnectionID: w.connection.ID, Channel: w.connection.Channel, Person: channel.Person{Address: person}, LastSeen: at,
	}
	for _, f := range change {
		f(&c)
	}
	if _, err := dynamotest.Chat(t.Context(), w.Store, w.agent.ID, c, w.now().Add(-time.Minute)); err != nil {
		t.Fatal(err)
	}
}

// Send takes messages as SQS would.
func (w *world) Send(_ context.Context, messages ...work.Message) error {
	now := w.now()
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, m := range messages {
		b, err := json.Marshal(m.Body)
		if err != nil {
			return err
		}
		w.queue = append(w.queue, queued{b, now.Add(m.After)})
	}
	return nil
}

// next takes the earliest message of the queue.
func (w *world) next(until time.Time) (queued, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	slices.SortStableFunc(w.queue, func(a, b queued) int { return a.at.Compare(b.at) })
	if len(w.queue) == 0 || w.queue[0].at.After(until) {
		return queued{}, false
	}
	m := w.queue[0]
	w.queue = w.queue[1:]
	return m, true
}

// process is a worker of runs that ends or freezes where its life says so, beside a worker of the
// channel that lives.
type process struct {
	*automation.Worker
	channel *inbox.Worker
	life    *mortal.Life
}

// engine returns the turn engine of a process.
func (w *world) engine(store *dynamo.Store, transport http.RoundTripper) *turn.Engine {
	client := bedrockruntime.New(bedrockruntime.Options{
		Region: "us-east-1", BaseEndpoint: aws.String(w.model), RetryMaxAttempts: 1, HTTPClient: awshttp.PlainBodies(&http.Client{Transport: transport}),
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "test", SecretAccessKey: "test"}, nil
		}),
	})
	return &turn.Engine{Store: store, Model: bedrock.New(client, watch.Default), DefaultModel: "scripted", Now: w.now, ClaimLease: w.claimed}
}

func (w *world) process(l *mortal.Life) process {
	store := w.Beside(dynamotest.Through(l), dynamotest.At(w.now), dynamotest.Eager()).Store
	queue := mortalQueue{w, l}
	guard := outbound.NewGuard([]netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")})
	effects := &effect.Performer{
		Requests: &effect.Requests{Caller: mortalCaller{outbound.NewClient(guard, nil, time.Now), l}, Signer: w, Opener: plain{}, Now: time.Now},
		Agents:   &effect.Agents{Turns: w.engine(store, l)},
		Templates: &effect.Templates{Phone: phone.Parse, Outbox: &channel.Outbox{
			Sends: store, Connections: store, Opener: plain{}, Now: w.now, Threads: &inbox.Templates{Store: store, Now: w.now},
			Templates: meta.NewClient(&http.Client{Transport: l}, w.meta.URL, meta.DefaultVersion),
		}},
		Messages: &effect.Messages{Now: w.now, Poster: &inbox.Poster{
			Store: store, Phone: phone.Parse, Now: w.now, Workers: func(connection.Channel) work.Queue { return queue },
		}},
	}
	return process{
		life: l, Worker: &automation.Worker{Store: store, Effects: effects, Workers: queue, Now: w.now},
		channel: &inbox.Worker{
			Store: w.Store, Turns: w.engine(w.Store, http.DefaultTransport), Accounts: &inbox.Accounts{Store: w.Store, Opener: plain{}}, Workers: w, Now: w.now,
			Providers: func(connection.Channel) channel.Provider {
				return meta.WhatsApp{Client: meta.NewClient(http.DefaultClient, w.meta.URL, meta.DefaultVersion)}
			},
		},
	}
}

// take handles one message of the queue. The message of a worker that fails comes back, as SQS
// redelivers it.
func (w *world) take(t *testing.T, p process, m queued) {
	t.Helper()
	if m.at.After(w.now()) {
		w.sleep(m.at.Sub(w.now()))
	}
	handle := p.channel.Work
	if bytes.Contains(m.body, []byte(`"run_id"`)) {
		handle = p.Work
	}
	if err := handle(t.Context(), m.body); err != nil {
		if p.life.End == mortal.Never {
			t.Logf("%s: %v", m.body, err)
		}
		w.mu.Lock()
		defer w.mu.Unlock()
		w.queue = append(w.queue, queued{m.body, w.hall.now().Add(30 * time.Second)})
	}
}

// settle lets workers and the sweep run until a run has ended, and returns it.
func (w *world) settle(t *testing.T, p process, ref automation.Ref) automation.Run {
	t.Helper()
	for range 200 {
		for sweep := w.now().Add(time.Minute); ; {
			m, ok := w.next(sweep)
			if !ok {
				break
			}
			w.take(t, p, m)
		}
		r, err := w.Store.Run(t.Context(), ref)
		if err != nil {
			t.Fatal(err)
		}
		if r.State.Ended() {
			return r
		}
		w.sleep(time.Minute)
		if err := work.Sweep(w.Store.WaitingRuns(), work.Queue(w))(t.Context(), w.now()); err != nil {
			t.Fatal(err)
		}
		if err := work.Sweep(w.Store.WaitingInbox(connection.MetaVendor), work.Queue(w))(t.Context(), w.now()); err != nil {
			t.Fatal(err)
		}
	}
	t.Fatal("got a run that does not end")
	return automation.Run{}
}

// start stores an automation of some steps, and a run of it.
func (w *world) start(t *testing.T, steps string) automation.Run {
	t.Helper()
	parsed, err := automation.Parse([]byte(`{"trigger": {"type": "schedule", "every_minutes": 5}, "steps": [`+steps+`]}`), event.Types)
	if err != nil {
		t.Fatal(err)
	}
	secrets := automation.Secrets{}
	for name, value := range parsed.Plain {
		secrets[name] = []byte(value)
	}
	draft := automation.Draft{Definition: parsed.Definition, Secrets: secrets}
	a := automation.Automation{
		ID: automation.NewID(), OrgID: w.org, Name: "Orders", Draft: draft, Published: &automation.Published{Draft: draft, Version: 1, At: w.now()},
		CreatedAt: w.now(), UpdatedAt: w.now(), Revision: 1,
	}
	if err := w.Store.CreateAutomation(t.Context(), nil, a); err != nil {
		t.Fatal(err)
	}
	r := a.Start(automation.NewID(), automation.BySchedule, json.RawMessage(`{"body":{"id":"4711","lines":["x","y"]}}`), w.now())
	if created, err := w.Store.CreateRun(t.Context(), r); err != nil || !created {
		t.Fatalf("got %t, %v, want a run", created, err)
	}
	if err := w.Send(t.Context(), work.Message{Body: r.Ref}); err != nil {
		t.Fatal(err)
	}
	return r
}

// steps returns the latest execution of each path.
func (w *world) steps(t *testing.T, r automation.Run) map[string]automation.Execution {
	t.Helper()
	all, err := w.Store.Executions(t.Context(), r.Ref)
	if err != nil {
		t.Fatal(err)
	}
	steps := map[string]automation.Execution{}
	for _, e := range all {
		steps[e.Path] = e
	}
	return steps
}

// verify checks the signature of a request.
func (h *hall) verify(t *testing.T, got received) {
	t.Helper()
	hook, err := standardwebhooks.NewWebhook(h.signing)
	if err != nil {
		t.Fatal(err)
	}
	if err := hook.Verify(got.body, got.header); err != nil {
		t.Errorf("got a request whose signature is refused: %v", err)
	}
}

// plain opens secrets that were stored as they are.
type plain struct{}

func (plain) OpenCredential(_ context.Context, _ connection.Owner, _ string, sealed []byte) (string, error) {
	return string(sealed), nil
}

func (plain) OpenAutomationSecret(_ context.Context, _, _, _ string, sealed []byte) (string, error) {
	return string(sealed), nil
}
