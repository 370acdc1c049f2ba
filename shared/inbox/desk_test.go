package inbox_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
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
	"github.com/quintet-agents/quintet/shared/model/bedrock"
	"github.com/quintet-agents/quintet/shared/model/scripted"
	"github.com/quintet-agents/quintet/shared/model/watch"
	"github.com/quintet-agents/quintet/shared/turn"
	"github.com/quintet-agents/quintet/shared/work"
)

func TestMain(m *testing.M) { os.Exit(dynamotest.Run(m)) }

// desk is the inbox of an org with one connection, on a real table and on the local model's
// wire. Its provider is a person's phone. Time moves only when messages of the queue are late.
type desk struct {
	dynamotest.Table
	t          *testing.T
	org        string
	agent      agent.Agent
	connection connection.Connection
	phone      *phone
	receiver   *inbox.Receiver
	worker     *inbox.Worker
	engine     *turn.Engine

	mu    sync.Mutex
	clock time.Time
	queue []queued
	asked []string // the requests to the model
}

// overhear records the requests to the model.
func (d *desk) overhear(model http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			d.t.Error(err)
		}
		d.mu.Lock()
		d.asked = append(d.asked, string(body))
		d.mu.Unlock()
		r.Body = io.NopCloser(bytes.NewReader(body))
		model.ServeHTTP(w, r)
	})
}

type queued struct {
	body []byte
	at   time.Time
}

func openDesk(t *testing.T, change ...func(*connection.Connection)) *desk {
	t.Helper()
	d := &desk{t: t, clock: time.Now().UTC().Truncate(time.Millisecond), phone: &phone{limit: 1000}}
	d.Table = dynamotest.Open(t, dynamotest.At(d.now), dynamotest.Eager())
	d.org = d.Org(t, 1000*ledger.Credit, func(a *ledger.Account) { a.Limits.RatePerMinute, a.Limits.KeyRatePerMinute = 1e6, 1e6 })
	d.agent = d.Agent(t, d.org, "be brief")
	d.connection = connection.Connection{
		ID: connection.NewID(), OrgID: d.org, AgentID: d.agent.ID, Channel: connection.WhatsApp, Name: "Shop", Credentials: 1,
		Identifiers: map[string]string{"phone_number_id": "1"}, Settings: connection.DefaultSettings(),
		RotatedAt: d.clock, CreatedAt: d.clock, UpdatedAt: d.clock,
	}
	for _, c := range change {
		c(&d.connection)
	}
	if err := d.Store.CreateConnection(t.Context(), nil, d.connection, connection.Sealed{"access_token": []byte("t")}); err != nil {
		t.Fatal(err)
	}
	wire := httptest.NewServer(d.overhear(scripted.Handler(scripted.Options{Wait: func(context.Context, time.Duration) error { return nil }})))
	t.Cleanup(wire.Close)
	client := bedrockruntime.New(bedrockruntime.Options{
		Region: "us-east-1", BaseEndpoint: aws.String(wire.URL), RetryMaxAttempts: 1, HTTPClient: awshttp.PlainBodies(http.DefaultClient),
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "test", SecretAccessKey: "test"}, nil
		}),
	})
	d.engine = &turn.Engine{Store: d.Store, Model: bedrock.New(client, watch.Default), DefaultModel: "scripted", Now: d.now}
	opened := &inbox.Accounts{Store: d.Store, Opener: plain{}}
	d.receiver = &inbox.Receiver{Store: d.Store, Accounts: opened, Workers: d, Now: d.now}
	d.worker = &inbox.Worker{
		Store: d.Store, Turns: d.engine, Accounts: opened,
		Providers: func(connection.Channel) channel.Provider { return d.phone }, Workers: d, Now: d.now,
	}
	return d
}

func (d *desk) now() time.Time {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.clock
}

func (d *desk) sleep(wait time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.clock = d.clock.Add(wait)
}

// Send takes messages as SQS would.
func (d *desk) Send(_ context.Context, messages ...work.Message) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, m := range messages {
		b, err := json.Marshal(m.Body)
		if err != nil {
			return err
		}
		d.queue = append(d.queue, queued{b, d.clock.Add(m.After)})
	}
	return nil
}

// next takes the first message of the queue and moves the clock to its time.
func (d *desk) next(until time.Time) (queued, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	slices.SortStableFunc(d.queue, func(a, b queued) int { return a.at.Compare(b.at) })
	if len(d.queue) == 0 || d.queue[0].at.After(until) {
		return queued{}, false
	}
	m := d.queue[0]
	d.queue = d.queue[1:]
	if m.at.After(d.clock) {
		d.clock = m.at
	}
	return m, true
}

// drain handles all messages of the queue, the later ones too, but none after the limit.
func (d *desk) drain(limit time.Duration) {
	d.t.Helper()
	until := d.now().Add(limit)
	for n := 0; ; n++ {
		m, ok := d.next(until)
		if !ok {
			return
		}
		if n > 500 {
			d.t.Fatalf("got no end of messages, the last is %s", m.body)
		}
		if err := d.worker.Work(d.t.Context(), m.body); err != nil {
			d.t.Errorf("got %v for %s, want nil", err, m.body)
		}
	}
}

// message returns a text from a person, who has a number.
func (d *desk) message(id, from, text string) channel.Update {
	return channel.Update{Account: "1", Message: &channel.Inbound{
		ID: id, From: channel.Person{Address: from, Name: "Ann"}, At: d.now(), Type: "text", Handling: channel.Answer, Text: text,
	}}
}

func (d *desk) receive(updates ...channel.Update) {
	d.t.Helper()
	if err := d.receiver.Take(d.t.Context(), d.connection, updates); err != nil {
		d.t.Fatal(err)
	}
}

// plain opens secrets that were stored as they are.
type plain struct{}

func (plain) OpenCredential(_ context.Context, _ connection.Owner, _ string, sealed []byte) (string, error) {
	return string(sealed), nil
}

// phone is a provider that records what it is asked to send. fail answers a send, by number.
type phone struct {
	mu    sync.Mutex
	limit int
	sent  []channel.Outgoing
	asked int
	fail  func(n int) error
}

func (p *phone) Split(text string) []string {
	var parts []string
	for len(text) > p.limit {
		parts, text = append(parts, text[:p.limit]), text[p.limit:]
	}
	return append(parts, text)
}

func (p *phone) Send(_ context.Context, _ channel.Account, m channel.Outgoing) (channel.Receipt, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.asked++
	if p.fail != nil {
		if err := p.fail(p.asked); err != nil {
			return channel.Receipt{}, err
		}
	}
	p.sent = append(p.sent, m)
	return channel.Receipt{MessageID: fmt.Sprintf("out-%d", len(p.sent))}, nil
}

func (p *phone) Typing(context.Context, channel.Account, channel.Inbound) error { return nil }

// Fetch returns the file whose bytes the URL has, in base64.
func (p *phone) Fetch(_ context.Context, _ channel.Account, m channel.Media, _ int64) ([]byte, string, error) {
	if m.URL == "" {
		return nil, "", &channel.SendError{Kind: channel.Rejected, Message: "gone"}
	}
	data, err := base64.StdEncoding.DecodeString(m.URL)
	return data, "image/png", err
}

func (p *phone) Verify(context.Context, channel.Account, string) ([]connection.Problem, error) {
	return nil, nil
}

// texts returns what the phone shows.
func (p *phone) texts() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	all := []string{}
	for _, m := range p.sent {
		text := m.Text
		if m.Template != nil {
			text = "template " + m.Template.Name
		}
		all = append(all, text)
	}
	return all
}

// spend takes credits from the org, or gives some back.
func (d *desk) spend(amount ledger.Credits) {
	d.t.Helper()
	entry := ledger.Entry{ID: fmt.Sprintf("entry-%d", d.now().UnixNano()), OrgID: d.org, Kind: ledger.Adjustment, Amount: -amount, Reason: "test", At: d.now()}
	if err := d.Store.AddEntry(d.t.Context(), nil, entry); err != nil {
		d.t.Fatal(err)
	}
}
