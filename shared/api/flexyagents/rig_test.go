package flexyagents_test

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/quintet-agents/quintet/shared/agent"
	"github.com/quintet-agents/quintet/shared/api/flexyagents"
	"github.com/quintet-agents/quintet/shared/dynamo/dynamotest"
	"github.com/quintet-agents/quintet/shared/identity"
	"github.com/quintet-agents/quintet/shared/ledger"
	"github.com/quintet-agents/quintet/shared/model"
	"github.com/quintet-agents/quintet/shared/turn"
)

func TestMain(m *testing.M) { dynamotest.Main(m) }

// rig is the surface with a real engine and table, and a model with the test's answers.
type rig struct {
	dynamotest.Table
	agent   agent.Agent
	script  *script
	handler *http.ServeMux
	keys    int // made so far
}

func newRig(t *testing.T, change ...func(*ledger.Account)) *rig {
	t.Helper()
	r := &rig{Table: dynamotest.Open(t), script: &script{}, handler: http.NewServeMux()}
	generous := func(a *ledger.Account) { a.Limits.RatePerMinute, a.Limits.KeyRatePerMinute = 1e6, 1e6 }
	org := r.Org(t, 1e6*ledger.Credit, append([]func(*ledger.Account){generous}, change...)...)
	r.agent = r.Agent(t, org, "be brief")
	began := time.Now() // and stays, so that no minute or month ends in a test
	engine := &turn.Engine{Store: r.Store, Model: r.script, DefaultModel: "script", Toolbox: r.script, Now: func() time.Time { return began }}
	r.handler.Handle("POST /api/agents/{id}/chat", flexyagents.ChatCreate(caller{OrgID: org, KeyID: "key"}, engine))
	return r
}

// key returns an idempotency key that was not used before.
func (r *rig) key() string {
	r.keys++
	return strconv.Itoa(r.keys)
}

func (r *rig) post(body, idempotencyKey string) *httptest.ResponseRecorder {
	req := httptest.NewRequest(http.MethodPost, "/api/agents/"+r.agent.Slug+"/chat", strings.NewReader(body))
	req.Header.Set("Authorization", "Bearer key")
	if idempotencyKey != "" {
		req.Header.Set("Idempotency-Key", idempotencyKey)
	}
	w := httptest.NewRecorder()
	r.handler.ServeHTTP(w, req)
	return w
}

// stored returns the latest stored turn of a thread.
func (r *rig) stored(t *rapid.T, threadID string) turn.Turn {
	c, err := r.Store.Conversation(context.Background(), r.agent.OrgID, threadID, 1)
	if err != nil || len(c.Turns) != 1 {
		t.Fatalf("got %d turns (%v), want 1", len(c.Turns), err)
	}
	return c.Turns[0]
}

// caller is an Authenticator that accepts every credential for the same caller.
type caller identity.Caller

func (c caller) Authenticate(context.Context, string) (identity.Caller, error) {
	return identity.Caller(c), nil
}

func (caller) Origins(context.Context, string) ([]string, error) { return nil, nil }

// script is a model that sends the pieces of its rounds and calls a tool between them. It is also that tool.
type script struct {
	rounds [][]string
	result string // of the tool
	fails  error  // instead of the last round's end
	asked  int
}

func (s *script) next() (pieces []string, calls []model.ToolCall, err error) {
	pieces = s.rounds[s.asked]
	s.asked++
	if s.asked < len(s.rounds) {
		return pieces, []model.ToolCall{{ID: fmt.Sprint("call", s.asked), Name: "look up", Input: json.RawMessage("{\n \"q\": \"\u2028\u0085\"}")}}, nil
	}
	return pieces, nil, s.fails
}

func (s *script) Converse(context.Context, model.Request) (model.Reply, error) {
	pieces, calls, err := s.next()
	if err != nil {
		return model.Reply{}, err
	}
	return model.Reply{Text: strings.Join(pieces, ""), ToolCalls: calls, Usage: &model.Usage{Input: 7, Output: 3}}, nil
}

func (s *script) Stream(context.Context, model.Request) iter.Seq2[model.Event, error] {
	pieces, calls, err := s.next()
	return func(yield func(model.Event, error) bool) {
		if !yield(model.Opened{}, nil) {
			return
		}
		for _, piece := range pieces {
			if !yield(model.TextDelta(piece), nil) {
				return
			}
		}
		for _, call := range calls {
			if !yield(call, nil) {
				return
			}
		}
		if err != nil {
			yield(nil, err)
			return
		}
		yield(model.Finished{Usage: &model.Usage{Input: 7, Output: 3}}, nil)
	}
}

func (*script) Tools(context.Context, agent.Live) ([]model.Tool, error) {
	return []model.Tool{{Name: "look up", Schema: json.RawMessage(`{"type":"object"}`)}}, nil
}

func (s *script) Call(context.Context, agent.Live, string, model.ToolCall) (string, error) {
	return s.result, nil
}
