package flowgent

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/quintet-agents/quintet/shared/agent"
	"github.com/quintet-agents/quintet/shared/channel"
	"github.com/quintet-agents/quintet/shared/channel/phone"
)

// outbox ends every send alike.
type outbox struct {
	answer   string
	replayed bool
	err      error
}

func (o outbox) Send(context.Context, channel.Order) ([]byte, bool, error) {
	return []byte(o.answer), o.replayed, o.err
}

// oneAgent is a reader that knows every agent.
type oneAgent struct{ agent.Reader }

func (oneAgent) Live(context.Context, string, string) (agent.Live, error) {
	return agent.Live{AgentID: "agent-1"}, nil
}

func TestTemplateCreate(t *testing.T) {
	const answer = `{"messaging_product":"whatsapp","contacts":[{"input":"1","wa_id":"2"}],"messages":[{"id":"wamid.<&>"}],"new":1.50}`
	for name, c := range map[string]struct {
		outbox   outbox
		status   int
		want     string
		replayed string
	}{
		"sent":          {outbox{answer: answer}, 200, answer, ""},
		"sent before":   {outbox{answer: answer, replayed: true}, 200, answer, "true"},
		"no connection": {outbox{err: channel.ErrNoConnection}, 404, `{"error":"WhatsApp connection not found","message":"No WhatsApp connection found for this agent"}`, ""},
		"refused":       {outbox{err: &channel.SendError{Kind: channel.Rejected, Code: 132001, Message: "m"}}, 502, `{"error":"WhatsApp API error","message":"m","code":132001}`, ""},
		"cut off":       {outbox{err: &channel.SendError{Kind: channel.Unknown, Message: "m"}, replayed: true}, 502, `{"error":"WhatsApp API error","message":"m","code":0}`, "true"},
		"the store":     {outbox{err: errors.New("SECRET")}, 500, `{"error":"Internal server error"}`, ""},
	} {
		r := httptest.NewRequest(http.MethodPost, "/api/public/agent/support/waba", strings.NewReader(`{"recipient_phone_number":"31612345678","template_name":"t","language":"en"}`))
		r.Header.Set("Authorization", "key")
		r.SetPathValue("agent_id", "support")
		w := httptest.NewRecorder()
		TemplateCreate(anyone{}, oneAgent{}, c.outbox, phone.Parse).ServeHTTP(w, r)
		if got := w.Header().Get("Idempotency-Replayed"); w.Code != c.status || w.Body.String() != c.want || got != c.replayed {
			t.Errorf("%s: got %d %s, replayed %q, want %d %s, %q", name, w.Code, w.Body, got, c.status, c.want, c.replayed)
		}
	}
}
