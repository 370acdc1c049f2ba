package parity_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/quintet-agents/quintet/shared/account"
	"github.com/quintet-agents/quintet/shared/agent"
	"github.com/quintet-agents/quintet/shared/dynamo/dynamotest"
	"github.com/quintet-agents/quintet/shared/ledger"
	"github.com/quintet-agents/quintet/shared/thread"
	"github.com/quintet-agents/quintet/shared/turn"
)

func TestMain(m *testing.M) { dynamotest.Main(m) }

// rig is the surfaces' chats on one engine, which has a real table, and a model
// that says what a test wants.
type rig struct {
	dynamotest.Table
	agent  agent.Agent
	script *script
	mux    *http.ServeMux
	began  time.Time
	keys   int // made so far
}

func newRig(t *testing.T) *rig {
	t.Helper()
	// The clock stands, so that no minute or month ends in a test.
	r := &rig{Table: dynamotest.Open(t), script: &script{}, mux: http.NewServeMux(), began: time.Now()}
	org := r.Org(t, 1e6*ledger.Credit, func(a *ledger.Account) { a.Limits.RatePerMinute, a.Limits.KeyRatePerMinute = 1e9, 1e9 })
	r.agent = r.Agent(t, org, "be brief")
	engine := &turn.Engine{Store: r.Store, Model: r.script, DefaultModel: "script", Toolbox: r.script, Now: func() time.Time { return r.began }}
	for _, s := range surfaces {
		r.mux.Handle("POST "+s.route, s.handler(caller{OrgID: org, KeyID: "key"}, engine))
	}
	return r
}

// thread makes a thread and returns its id.
func (r *rig) thread(t *rapid.T) string {
	th := thread.New(r.agent.OrgID, r.agent.ID, r.began)
	if err := r.Store.CreateThread(context.Background(), th); err != nil {
		t.Fatal(err)
	}
	return th.ID
}

// stored returns what the thread keeps of its only turn, and whether there is one.
func (r *rig) stored(t *rapid.T, threadID string) (string, bool) {
	c, err := r.Store.Conversation(context.Background(), r.agent.OrgID, threadID, 10)
	if err != nil || len(c.Turns) > 1 {
		t.Fatalf("%d turns, %v", len(c.Turns), err)
	}
	if len(c.Turns) == 0 {
		return "", false
	}
	return c.Turns[0].Assistant, true
}

// key returns an idempotency key that was not used before.
func (r *rig) key() string {
	r.keys++
	return strconv.Itoa(r.keys)
}

// post asks a surface in one of its forms.
func (r *rig) post(s surface, f form, threadID, key string) *httptest.ResponseRecorder {
	fill := strings.NewReplacer("{agent}", r.agent.ID, "{thread}", threadID)
	req := httptest.NewRequest(http.MethodPost, fill.Replace(s.path), strings.NewReader(fill.Replace(f.body)))
	req.Header.Set("Authorization", "Bearer key")
	req.Header.Set("Idempotency-Key", key)
	w := httptest.NewRecorder()
	r.mux.ServeHTTP(w, req)
	return w
}

// caller is the one who calls, whatever the credential.
type caller account.Caller

func (c caller) Authenticate(context.Context, string) (account.Caller, error) {
	return account.Caller(c), nil
}

func (caller) Origins(context.Context, string) ([]string, error) { return nil, nil }
