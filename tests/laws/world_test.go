package laws_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/quintet-agents/quintet/shared/agent"
	"github.com/quintet-agents/quintet/shared/api/agentflow"
	"github.com/quintet-agents/quintet/shared/api/flapjack"
	"github.com/quintet-agents/quintet/shared/api/flexyagents"
	"github.com/quintet-agents/quintet/shared/api/flowgent"
	"github.com/quintet-agents/quintet/shared/dynamo/dynamotest"
	"github.com/quintet-agents/quintet/shared/identity"
	"github.com/quintet-agents/quintet/shared/job"
	"github.com/quintet-agents/quintet/shared/ledger"
	"github.com/quintet-agents/quintet/shared/turn"
)

// world has the chat surfaces and Flapjack's threads, on a real engine and table, with a
// model and tools that play a script.
type world struct {
	dynamotest.Table
	player *player
	org    string
	agent  agent.Agent
	key    string
	engine *turn.Engine
	mux    *http.ServeMux
}

const fortune = 1e6 * ledger.Credit

func newWorld(t *testing.T, options ...dynamotest.Option) *world {
	t.Helper()
	began := time.Now() // a fixed time, so that no minute or month ends during the test
	now := func() time.Time { return began }
	w := &world{Table: dynamotest.Open(t, append(options, dynamotest.At(now))...), player: &player{}, mux: http.NewServeMux()}
	w.org = w.Org(t, fortune, func(a *ledger.Account) {
		a.Limits.RatePerMinute, a.Limits.KeyRatePerMinute, a.Limits.MonthlyMessagesHosted, a.Limits.MonthlyTokensHosted = 1e9, 1e9, 1e9, 1e9
	})
	w.agent = w.Agent(t, w.org, "be brief")
	w.key, _ = w.Key(t, w.org, "")
	auth := identity.NewAuthenticator(w.Store, now)
	w.engine = &turn.Engine{Store: w.Store, Model: w.player, DefaultModel: "player", Toolbox: w.player, Now: now}
	for pattern, h := range map[string]http.Handler{
		"POST /api/threads":                      flapjack.ThreadCreate(auth, w.Store, now),
		"GET /api/threads/{id}/messages":         flapjack.MessageList(auth, w.Store),
		"POST /api/threads/{id}/messages":        flapjack.MessageCreate(auth, w.engine),
		"POST /agents/{slug}/chat":               agentflow.ChatCreate(auth, w.engine, ""),
		"POST /api/agents/{id}/chat":             flexyagents.ChatCreate(auth, w.engine),
		"POST /api/public/agent/{agent_id}/chat": flowgent.ChatCreate(auth, w.engine, job.Intake{}),
	} {
		w.mux.Handle(pattern, h)
	}
	return w
}

// request creates a request with a body. An empty idempotency key is left out.
func (w *world) request(method, path string, body any, idempotencyKey string) (*http.Request, []byte) {
	var sent []byte
	if body != nil {
		var err error
		if sent, err = json.Marshal(body); err != nil {
			panic(err)
		}
	}
	r := httptest.NewRequest(method, path, bytes.NewReader(sent))
	r.Header.Set("Authorization", "Bearer "+w.key)
	if idempotencyKey != "" {
		r.Header.Set("Idempotency-Key", idempotencyKey)
	}
	return r, sent
}

// send sends a request and returns its answer.
func (w *world) send(r *http.Request) answer {
	rec := httptest.NewRecorder()
	w.mux.ServeHTTP(rec, r)
	return answer{rec.Code, rec.Header(), rec.Body.String()}
}
