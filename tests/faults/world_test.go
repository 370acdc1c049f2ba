package faults_test

import (
	"context"
	"flag"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime"

	"github.com/quintet-agents/quintet/shared/agent"
	"github.com/quintet-agents/quintet/shared/awshttp"
	"github.com/quintet-agents/quintet/shared/dynamo/dynamotest"
	"github.com/quintet-agents/quintet/shared/idempotency"
	"github.com/quintet-agents/quintet/shared/identity"
	"github.com/quintet-agents/quintet/shared/ledger"
	"github.com/quintet-agents/quintet/shared/model/bedrock"
	"github.com/quintet-agents/quintet/shared/model/scripted"
	"github.com/quintet-agents/quintet/shared/model/watch"
	"github.com/quintet-agents/quintet/shared/thread"
	"github.com/quintet-agents/quintet/shared/turn"
	"github.com/quintet-agents/quintet/tests/flaky"
)

// times is the number of repetitions of each fault.
var times = flag.Int("times", 20, "number of repetitions of each fault")

// world is a turn engine in this process, for tests that need no separate process.
// Faults can be injected into the calls of its store.
type world struct {
	dynamotest.Table
	spoil   *flaky.Transport
	engine  *turn.Engine
	org     string
	agent   agent.Agent
	calm    dynamotest.Table // the same table, without faults
	charged ledger.Credits   // of all settled turns
	asked   int
}

const worldBalance = 1000 * ledger.Credit

// newWorld creates a world. The model of a patient one obeys delays.
func newWorld(t *testing.T, patient bool) *world {
	t.Helper()
	w := &world{spoil: &flaky.Transport{}}
	w.Table = dynamotest.Open(t, dynamotest.Through(w.spoil), dynamotest.Eager())
	w.calm = w.Beside()
	w.org = w.Org(t, worldBalance, func(a *ledger.Account) { a.Limits.RatePerMinute, a.Limits.KeyRatePerMinute = 1e6, 1e6 })
	w.agent = w.Agent(t, w.org, "be brief")

	options := scripted.Options{Wait: func(context.Context, time.Duration) error { return nil }}
	if patient {
		options = scripted.Options{}
	}
	wire := httptest.NewServer(scripted.Handler(options))
	t.Cleanup(wire.Close)
	client := bedrockruntime.New(bedrockruntime.Options{
		Region: "us-east-1", BaseEndpoint: aws.String(wire.URL), RetryMaxAttempts: 1, HTTPClient: awshttp.PlainBodies(http.DefaultClient),
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "test", SecretAccessKey: "test"}, nil
		}),
	})
	w.engine = &turn.Engine{Store: w.Store, Model: bedrock.New(client, watch.Default), DefaultModel: "scripted", Now: time.Now}
	return w
}

// beside returns the engine of another process, whose clock is ahead.
func (w *world) beside(ahead time.Duration) *turn.Engine {
	return &turn.Engine{
		Store: w.calm.Store, Model: w.engine.Model, DefaultModel: "scripted",
		Now: func() time.Time { return time.Now().Add(ahead) },
	}
}

// ask returns an input for a new thread, with an idempotency key.
func (w *world) ask(t *testing.T, text string) turn.Input {
	t.Helper()
	w.asked++
	id := fmt.Sprintf("thread-%d", w.asked)
	key, err := idempotency.New(w.org, http.MethodPost, "/chat", id, []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return turn.Input{
		Caller: identity.Caller{OrgID: w.org, KeyID: "key"}, Agent: w.agent.ID, ThreadID: id, Text: text, Channel: "test",
		Balance: true, Once: &key,
	}
}

// settled returns the turns of an input. It checks that they have both messages, and
// that the account has paid for them and for nothing else.
func (w *world) settled(t *testing.T, in turn.Input) []turn.Turn {
	t.Helper()
	turns, err := w.calm.Store.TurnsAfter(context.Background(), thread.Thread{OrgID: w.org, ID: in.ThreadID}, 0, 10)
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range turns {
		w.charged += x.Charge
		if x.User != in.Text || x.Assistant == "" || x.Charge != ledger.DefaultPrices.Charge(x.Usage) {
			t.Errorf("got turn %+v, want both messages and the charge of its usage", x)
		}
	}
	if a := w.calm.Account(t, w.org); len(a.Open) != 0 || a.Available != worldBalance-w.charged {
		t.Fatalf("got %d available, open %v, want %d and none", a.Available, a.Open, worldBalance-w.charged)
	}
	return turns
}

// expire sweeps twice: a second before a new hold expires, which must release none,
// and a minute after it expired, which must release all.
func (w *world) expire(t *testing.T, began time.Time) {
	t.Helper()
	w.spoil.Wait()
	sweep := func(at time.Time) (before, after int) {
		before = len(w.calm.Account(t, w.org).Open)
		released, err := w.calm.Store.Sweep(context.Background(), at)
		after = len(w.calm.Account(t, w.org).Open)
		if err != nil || released != before-after {
			t.Fatalf("got %d released and %d left of %d holds, %v, want a sum of all", released, after, before, err)
		}
		return before, after
	}
	if before, after := sweep(began.Add(ledger.HoldLife - time.Second)); before != after {
		t.Fatalf("got %d holds a second before they expire, want %d", after, before)
	}
	if _, left := sweep(time.Now().Add(ledger.HoldLife + time.Minute)); left != 0 {
		t.Fatalf("got %d holds a minute after they expired, want 0", left)
	}
}

// forget removes the account from the due index: a turn with a clock ahead has left a
// late time there.
func (w *world) forget(t *testing.T) {
	t.Helper()
	if _, err := w.calm.Store.Sweep(context.Background(), time.Now().Add(4*ledger.HoldLife)); err != nil {
		t.Fatal(err)
	}
}

// forAllPlaces is the number of repetitions at each place, so that the total is about
// times.
func forAllPlaces() int { return (*times + len(places) - 1) / len(places) }
