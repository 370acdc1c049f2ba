// Package inbox_test kills, freezes and overtakes the workers of the inbox, and checks that
// each message of a person is answered exactly once, that nothing is sent twice, and that
// every chat comes to rest.
package inbox_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime"

	"github.com/quintet-agents/quintet/shared/agent"
	"github.com/quintet-agents/quintet/shared/awshttp"
	"github.com/quintet-agents/quintet/shared/channel"
	"github.com/quintet-agents/quintet/shared/connection"
	"github.com/quintet-agents/quintet/shared/dynamo/dynamotest"
	"github.com/quintet-agents/quintet/shared/inbox"
	"github.com/quintet-agents/quintet/shared/ledger"
	"github.com/quintet-agents/quintet/shared/model"
	"github.com/quintet-agents/quintet/shared/model/bedrock"
	"github.com/quintet-agents/quintet/shared/model/scripted"
	"github.com/quintet-agents/quintet/shared/model/watch"
	"github.com/quintet-agents/quintet/shared/turn"
	"github.com/quintet-agents/quintet/shared/work"
	"github.com/quintet-agents/quintet/tests/mortal"
)

func TestMain(m *testing.M) { os.Exit(dynamotest.Run(m)) }

const balance = 1000 * ledger.Credit

// hall is what the worlds of a test share: a table, a model and a clock.
type hall struct {
	dynamotest.Table
	client *bedrockruntime.Client

	mu    sync.Mutex
	clock time.Time
}

func openHall(t testing.TB) *hall {
	t.Helper()
	h := &hall{clock: time.Now().UTC().Truncate(time.Millisecond)}
	h.Table = dynamotest.Open(t, dynamotest.At(h.now), dynamotest.Eager())
	wire := httptest.NewServer(scripted.Handler(scripted.Options{Wait: func(context.Context, time.Duration) error { return nil }}))
	t.Cleanup(wire.Close)
	h.client = bedrockruntime.New(bedrockruntime.Options{
		Region: "us-east-1", BaseEndpoint: aws.String(wire.URL), RetryMaxAttempts: 1, HTTPClient: awshttp.PlainBodies(http.DefaultClient),
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "test", SecretAccessKey: "test"}, nil
		}),
	})
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

// world is one org with a connection. Its provider and its queue outlive every worker.
type world struct {
	*hall
	org        string
	agent      agent.Agent
	connection connection.Connection
	provider   *provider
	receiver   *inbox.Receiver
	model      func(model.Provider) model.Provider
	began      time.Time

	mu    sync.Mutex
	queue []queued
}

type queued struct {
	body []byte
	at   time.Time
}

func (h *hall) world(t testing.TB, change ...func(*connection.Connection)) *world {
	t.Helper()
	w := &world{hall: h, began: h.now(), model: func(p model.Provider) model.Provider { return p }, provider: &provider{limit: 12, accepted: map[string]int{}, now: h.now}}
	w.org = h.Org(t, balance, func(a *ledger.Account) { a.Limits.RatePerMinute, a.Limits.KeyRatePerMinute = 1e6, 1e6 })
	w.agent = h.Agent(t, w.org, "be brief")
	w.connection = connection.Connection{
		ID: connection.NewID(), OrgID: w.org, AgentID: w.agent.ID, Channel: connection.WhatsApp, Name: "Shop", Credentials: 1,
		Identifiers: map[string]string{"phone_number_id": "1"}, Settings: connection.DefaultSettings(),
		RotatedAt: h.now(), CreatedAt: h.now(), UpdatedAt: h.now(),
	}
	for _, c := range change {
		c(&w.connection)
	}
	if err := h.Store.CreateConnection(t.Context(), nil, w.connection, connection.Sealed{"access_token": []byte("t")}); err != nil {
		t.Fatal(err)
	}
	w.receiver = &inbox.Receiver{Store: h.Store, Accounts: &inbox.Accounts{Store: h.Store, Opener: plain{}}, Workers: w, Now: h.now}
	return w
}

// shard splits the org's account into parts, which settle turns side by side.
func (w *world) shard(t *testing.T, parts int) {
	t.Helper()
	if _, err := w.Store.ChangeLimits(t.Context(), nil, w.org, ledger.LimitsPatch{Shards: &parts}); err != nil {
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

// process is a worker that ends or freezes where its life says so.
type process struct {
	*inbox.Worker
	life *mortal.Life
}

func (w *world) process(l *mortal.Life) process {
	store := w.Table.Beside(dynamotest.Through(l), dynamotest.At(w.now), dynamotest.Eager()).Store
	engine := &turn.Engine{Store: store, Model: w.model(bedrock.New(w.client, watch.Default)), DefaultModel: "scripted", Now: w.now}
	return process{life: l, Worker: &inbox.Worker{
		Store: store, Turns: engine, Accounts: &inbox.Accounts{Store: store, Opener: plain{}},
		Providers: func(connection.Channel) channel.Provider { return mortalProvider{w.provider, l} },
		Workers:   mortalQueue{w, l}, Now: w.now,
	}}
}

// take handles one message of the queue with each worker in turn. The message of a worker
// that fails comes back, as SQS redelivers it.
func (w *world) take(t *testing.T, p process, m queued) {
	t.Helper()
	if m.at.After(w.now()) {
		w.sleep(m.at.Sub(w.now()))
	}
	if err := p.Work(t.Context(), m.body); err != nil {
		if p.life.End == mortal.Never {
			t.Logf("%s: %v", m.body, err)
		}
		w.mu.Lock()
		defer w.mu.Unlock()
		w.queue = append(w.queue, queued{m.body, w.hall.now().Add(30 * time.Second)})
	}
}

// settle lets a worker and the sweep run until no row is due and the queue is empty.
func (w *world) settle(t *testing.T, p process) {
	t.Helper()
	for n := range 500 {
		w.pass(t, p)
		if !w.due(t) {
			return
		}
		if n > 100 {
			w.sleep(10 * time.Minute) // it waits for the end of a day
		}
	}
	t.Fatalf("got work after days, want rest: %s", w.rows(t))
}

// pass lets a worker handle the queue for a minute, and the sweep run once.
func (w *world) pass(t *testing.T, p process) {
	t.Helper()
	for range 400 {
		m, ok := w.next(w.now().Add(time.Minute))
		if !ok {
			break
		}
		w.take(t, p, m)
	}
	w.sleep(time.Minute)
	if err := work.Sweep(w.Store.WaitingInbox(connection.MetaVendor), work.Queue(w))(t.Context(), w.now()); err != nil {
		t.Fatal(err)
	}
}

// due reports whether the queue or the index of due rows has something for the org.
func (w *world) due(t *testing.T) bool {
	t.Helper()
	w.mu.Lock()
	waiting := len(w.queue)
	w.mu.Unlock()
	err := w.Store.WaitingInbox(connection.MetaVendor).Waiting(t.Context(), w.now().Add(100*24*time.Hour), func(page []work.Due[inbox.Ref]) error {
		for _, d := range page {
			if d.Ref.OrgID == w.org {
				waiting++
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return waiting > 0
}

func (w *world) rows(t *testing.T) string {
	t.Helper()
	var all []string
	err := w.Store.WaitingInbox(connection.MetaVendor).Waiting(t.Context(), w.now().Add(100*24*time.Hour), func(page []work.Due[inbox.Ref]) error {
		for _, d := range page {
			text := fmt.Sprintf("%+v", d)
			if d.Ref.ChatID != "" {
				c, err := w.Store.Chat(t.Context(), d.Ref)
				text += fmt.Sprintf(" %+v %v", c, err)
			}
			all = append(all, text)
		}
		return nil
	})
	return fmt.Sprint(all, err)
}

// message returns a text from a person with a number.
func (w *world) message(id, from, text string) channel.Update {
	return channel.Update{Account: "1", Message: &channel.Inbound{
		ID: id, From: channel.Person{Address: from, Name: "Ann"}, At: w.now(), Type: "text", Handling: channel.Answer, Text: text,
	}}
}

func (w *world) receive(t testing.TB, updates ...channel.Update) {
	t.Helper()
	if err := w.receiver.Take(t.Context(), w.connection, updates); err != nil {
		t.Fatal(err)
	}
}

// plain opens secrets that were stored as they are.
type plain struct{}

func (plain) OpenCredential(_ context.Context, _ connection.Owner, _ string, sealed []byte) (string, error) {
	return string(sealed), nil
}
