package flowgent

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/identity"
	"github.com/quintet-agents/quintet/shared/job"
	"github.com/quintet-agents/quintet/shared/turn"
)

// runner gives every turn the same result.
type runner struct {
	out turn.Outcome
	err error
}

func (r runner) Run(context.Context, turn.Input, turn.Sink) (turn.Outcome, error) {
	r.out.AgentID = "agent-1"
	return r.out, r.err
}

func (r runner) Check(context.Context, turn.Input) (string, error) { return "agent-1", r.err }

// anyone is an Authenticator that accepts every credential.
type anyone struct{ err error }

func (a anyone) Authenticate(context.Context, string) (identity.Caller, error) {
	return identity.Caller{OrgID: "org-1", KeyID: "key-1"}, a.err
}

func (anyone) Origins(context.Context, string) ([]string, error) { return nil, nil }

func ask(t *testing.T, turns Runner) *httptest.ResponseRecorder {
	t.Helper()
	return askAs(t, anyone{}, turns)
}

func askAs(t *testing.T, auth anyone, turns Runner) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest(http.MethodPost, "/api/public/agent/support/chat", strings.NewReader(`{"messages":"hi"}`))
	r.Header.Set("Authorization", "key")
	r.SetPathValue("agent_id", "support")
	w := httptest.NewRecorder()
	ChatCreate(auth, turns, job.Intake{}).ServeHTTP(w, r)
	return w
}

// A path without an agent gets the documented error, before any other check.
func TestNoAgent(t *testing.T) {
	for _, id := range []string{"", " ", "\u00a0\t"} {
		r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(`{"messages":"hi"}`))
		r.Header.Set("Authorization", "key")
		r.SetPathValue("agent_id", id)
		w := httptest.NewRecorder()
		ChatCreate(anyone{}, nil, job.Intake{}).ServeHTTP(w, r)
		if w.Code != http.StatusBadRequest || w.Body.String() != `{"error":"agent_id is required and must be a non-empty string"}` {
			t.Errorf("%q: got %d %s, want 400 with the documented error", id, w.Code, w.Body)
		}
	}
}

// An envelope with the status 503 has a Retry-After header.
func TestChatCreate_BusyProviderRetryAfter(t *testing.T) {
	for want, wait := range map[string]time.Duration{"5": 5 * time.Second, "60": 0} {
		w := ask(t, runner{err: &fault.Error{Code: fault.ModelUnavailable, RetryAfter: wait}})
		if got := w.Header().Get("Retry-After"); got != want || w.Code != http.StatusOK {
			t.Errorf("got %d with Retry-After %q, want 200 with %q", w.Code, got, want)
		}
	}
}

// An interrupted answer is a failed execution, also in a replay.
func TestChatCreate_InterruptedAnswer(t *testing.T) {
	w := ask(t, runner{
		out: turn.Outcome{Turn: turn.Turn{ID: "turn-1", AgentID: "agent-1", User: "hi", Assistant: "half an ans"}, Replayed: true},
		err: fault.New(fault.ModelUnavailable, "The model did not finish in time"),
	})
	if w.Code != http.StatusOK || !strings.HasPrefix(w.Body.String(), `{"statusCode":503,"body":{"agent_id":"agent-1",`) {
		t.Errorf("got %d %s, want 200 with statusCode 503 of agent-1", w.Code, w.Body)
	}
	if w.Header().Get("Idempotency-Replayed") != "true" {
		t.Errorf(`got headers %v, want Idempotency-Replayed "true"`, w.Header())
	}
}

// The error for a key whose thread was deleted is not that of another org's agent.
func TestChatCreate_KeyOfDeletedThread(t *testing.T) {
	w := ask(t, runner{err: turn.ErrForgotten})
	if w.Code != http.StatusConflict || !strings.HasPrefix(w.Body.String(), `{"error":"Conflict","message":"`) {
		t.Errorf("got %d %s, want 409 with error Conflict", w.Code, w.Body)
	}
}

// An internal error before an execution, or a panic, has the documented form of an unexpected error.
func TestChatCreate_UnexpectedErrors(t *testing.T) {
	const want = `{"statusCode":500,"body":{"error":"An unexpected error occurred while processing your request"}}`
	for name, w := range map[string]*httptest.ResponseRecorder{
		"the store": askAs(t, anyone{err: context.DeadlineExceeded}, runner{}),
		"a panic":   ask(t, nil),
	} {
		if w.Code != http.StatusOK || w.Body.String() != want {
			t.Errorf("%s: got %d %s, want 200 %s", name, w.Code, w.Body, want)
		}
	}
}
