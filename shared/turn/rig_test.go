package turn_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime"

	"github.com/quintet-agents/quintet/shared/agent"
	"github.com/quintet-agents/quintet/shared/awshttp"
	"github.com/quintet-agents/quintet/shared/dynamo/dynamotest"
	"github.com/quintet-agents/quintet/shared/identity"
	"github.com/quintet-agents/quintet/shared/ledger"
	"github.com/quintet-agents/quintet/shared/model"
	"github.com/quintet-agents/quintet/shared/model/bedrock"
	"github.com/quintet-agents/quintet/shared/model/scripted"
	"github.com/quintet-agents/quintet/shared/model/watch"
	"github.com/quintet-agents/quintet/shared/thread"
	"github.com/quintet-agents/quintet/shared/turn"
)

// rig is an engine on a real table and on the local model's wire.
type rig struct {
	dynamotest.Table
	engine *turn.Engine
	org    string
	agent  agent.Agent
	thread thread.Thread
	trace  *trace
}

func newRig(t *testing.T, balance ledger.Credits, change ...func(*ledger.Account)) *rig {
	t.Helper()
	r := &rig{trace: &trace{}}
	r.Table = dynamotest.Open(t, dynamotest.Through(r.trace))
	r.org = r.Org(t, balance, change...)
	r.agent = r.Agent(t, r.org, "be brief")
	r.thread = r.Thread(t, r.agent)

	wire := httptest.NewServer(scripted.Handler(scripted.Options{Wait: func(context.Context, time.Duration) error { return nil }}))
	t.Cleanup(wire.Close)
	client := bedrockruntime.New(bedrockruntime.Options{
		Region: "us-east-1", BaseEndpoint: aws.String(wire.URL), RetryMaxAttempts: 1,
		HTTPClient: awshttp.PlainBodies(&http.Client{Transport: modelCalls{r.trace}}),
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "test", SecretAccessKey: "test"}, nil
		}),
	})
	r.engine = &turn.Engine{Store: r.Store, Model: bedrock.New(client, watch.Default), DefaultModel: "scripted", Now: time.Now}
	return r
}

func (r *rig) input(text string) turn.Input {
	return turn.Input{Caller: identity.Caller{OrgID: r.org, KeyID: "key"}, ThreadID: r.thread.ID, Text: text, Channel: "test"}
}

// run runs a turn and returns the events that its sink received.
func (r *rig) run(text string) (turn.Turn, *sink, error) {
	s := &sink{trace: r.trace}
	out, err := r.engine.Run(context.Background(), r.input(text), s)
	return out.Turn, s, err
}

// sink records its events.
type sink struct {
	trace *trace
	heard []string
}

func (s *sink) hear(format string, args ...any) {
	line := fmt.Sprintf(format, args...)
	s.heard = append(s.heard, line)
	if s.trace != nil {
		s.trace.note(strings.Fields(line)[0])
	}
}

func (s *sink) Start(turn.Opening)           { s.hear("start") }
func (s *sink) Delta(text string)            { s.hear("delta %q", text) }
func (s *sink) ToolCall(c model.ToolCall)    { s.hear("call %s %s", c.Name, c.Input) }
func (s *sink) ToolRunning(c model.ToolCall) { s.hear("running %s", c.Name) }
func (s *sink) ToolDone(u turn.ToolUse)      { s.hear("done %s %s %v", u.Name, u.Result, u.Failed) }
func (s *sink) Beat()                        { s.hear("beat") }

// trace records store calls, model calls and sink events in order. The wave of a store
// call is one more than the number of waves that finished before it started.
type trace struct {
	mu     sync.Mutex
	delay  time.Duration // of each call of the store
	events []string
	waves  int // of the store's calls that have ended
}

func (t *trace) note(event string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.events = append(t.events, event)
}

func (t *trace) reset(delay time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.events, t.waves, t.delay = nil, 0, delay
}

func (t *trace) RoundTrip(r *http.Request) (*http.Response, error) {
	_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	t.mu.Lock()
	wave := t.waves + 1
	t.events = append(t.events, fmt.Sprintf("%d:%s", wave, operation))
	delay := t.delay
	t.mu.Unlock()
	if delay > 0 {
		time.Sleep(delay)
	}
	res, err := http.DefaultTransport.RoundTrip(r)
	t.mu.Lock()
	t.waves = max(t.waves, wave)
	t.mu.Unlock()
	return res, err
}

type modelCalls struct{ trace *trace }

func (m modelCalls) RoundTrip(r *http.Request) (*http.Response, error) {
	m.trace.note("model")
	return http.DefaultTransport.RoundTrip(r)
}
