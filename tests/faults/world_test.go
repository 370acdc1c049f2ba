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

// times scales everything here: how often each fault comes.
var times = flag.Int("times", 20, "how often each fault comes")

// world is a turn engine in this process, where a process is not the point. The
// calls of its store can be spoiled.
type world struct {
	dynamotest.Table
	spoil   *flaky.Transport
	engine  *turn.Engine
	org     string
	agent   agent.Agent
	calm    dynamotest.Table // the same table, whose calls are not
	charged ledger.Credits   // by all turns that are settled
	asked   int
}

const worldBalance = 1000 * ledger.Credit

// newWorld makes a world; its model waits as it is told to if patient.
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

// beside is the engine as another process has it, whose clock is ahead.
func (w *world) beside(ahead time.Duration) *turn.Engine {
	return &turn.Engine{
		Store: w.calm.Store, Model: w.engine.Model, DefaultModel: "scripted",
		Now: func() time.Time { return time.Now().Add(ahead) },
	}
}

// ask makes an input for a thread of its own, with an idempotency key.
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

// settled returns the turns that an input has made and checks that they have
// both their messages and that the account has paid for them, and nothing else.
func (w *world) settled(t *testing.T, in turn.Input) []turn.Turn {
	t.Helper()
	turns, err := w.calm.Store.TurnsAfter(context.Background(), thread.Thread{OrgID: w.org, ID: in.ThreadID}, 0, 10)
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range turns {
		w.charged += x.Charge
		if x.User != in.Text || x.Assistant == "" || x.Charge != ledger.DefaultPrices.Charge(x.Usage) {
			t.Errorf("turn %+v", x)
		}
	}
	if a := w.calm.Account(t, w.org); len(a.Open) != 0 || a.Available != worldBalance-w.charged {
		t.Fatalf("available %d of %d after charges of %d; open: %v", a.Available, worldBalance, w.charged, a.Open)
	}
	return turns
}

// expire sweeps a second before a hold of just now expires, which must change
// nothing, and a minute after it expired, which must leave none.
func (w *world) expire(t *testing.T, began time.Time) {
	t.Helper()
	w.spoil.Wait()
	sweep := func(at time.Time) (before, after int) {
		before = len(w.calm.Account(t, w.org).Open)
		released, err := w.calm.Store.Sweep(context.Background(), at)
		after = len(w.calm.Account(t, w.org).Open)
		if err != nil || released != before-after {
			t.Fatalf("released %d, %d holds of %d are left, %v", released, after, before, err)
		}
		return before, after
	}
	if before, after := sweep(began.Add(ledger.HoldLife - time.Second)); before != after {
		t.Fatal("a hold was released before its time")
	}
	if _, left := sweep(time.Now().Add(ledger.HoldLife + time.Minute)); left != 0 {
		t.Fatalf("%d holds are left a minute after they expired", left)
	}
}

// forget makes the account due no more: a turn by a clock that is ahead has left
// it due late.
func (w *world) forget(t *testing.T) {
	t.Helper()
	if _, err := w.calm.Store.Sweep(context.Background(), time.Now().Add(4*ledger.HoldLife)); err != nil {
		t.Fatal(err)
	}
}

// forAllPlaces is how often a fault comes at each place, so that it comes as
// often as it should in all.
func forAllPlaces() int { return (*times + len(places) - 1) / len(places) }
