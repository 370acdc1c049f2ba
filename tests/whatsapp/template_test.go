// Package whatsapp_test sends templates through the whole product, as processes with a real
// KMS, to a fake of Meta.
package whatsapp_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/quintet-agents/quintet/shared/ledger"
	"github.com/quintet-agents/quintet/tests/graph"
	"github.com/quintet-agents/quintet/tests/rig"
)

func TestMain(m *testing.M) { rig.Main(m) }

const (
	token    = "EAAGsecretOfTheShop"
	template = `{"recipient_phone_number":"+31 6 1234 5678","template_name":"order_update","language":"en_US","customer_name":"John Doe","parameters":[` +
		`{"type":"header","parameters":[{"type":"image","image":{"link":"https://whatsapp_image_template"}}]},` +
		`{"type":"body","parameters":[{"type":"text","text":"ABC123"},{"type":"text","text":"Shipped"}]}]}`
)

// shop is the product with an agent that has a WhatsApp connection.
type shop struct {
	*rig.Rig

	meta       *graph.Server
	connection string
}

func open(t *testing.T) *shop {
	t.Helper()
	s := &shop{}
	s.meta = graph.Start(t, graph.Number{
		ID: "106540352242922", AccountID: "215589313241560883", Token: token,
		Templates: []graph.Template{{Name: "order_update", Language: "en_US", Format: "IMAGE", Body: "Your order {{1}} is {{2}}."}},
	})
	s.Rig = rig.StartConfigured(t, 100*ledger.Credit, map[string]string{"MetaGraphUrl": s.meta.URL})
	status, _, answer := s.call(t, http.MethodPost, "/api/v1/connections", "", `{"type":"whatsapp","agent_id":"`+s.Agent.ID+
		`","name":"Shop","credentials":{"phone_number_id":"106540352242922","access_token":"`+token+`","app_secret":"a","verify_token":"v"}}`)
	var created struct{ Data struct{ ID string } }
	if err := json.Unmarshal([]byte(answer), &created); err != nil || status != http.StatusCreated {
		t.Fatalf("got %d %s, %v", status, answer, err)
	}
	s.connection = created.Data.ID
	return s
}

func (s *shop) call(t *testing.T, method, path, once, body string) (status int, replayed, answer string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, s.Runner.URL()+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", s.Key)
	if once != "" {
		req.Header.Set("Idempotency-Key", once)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, res.Header.Get("Idempotency-Replayed"), string(raw)
}

func (s *shop) send(t *testing.T, once string) (status int, replayed, answer string) {
	t.Helper()
	return s.call(t, http.MethodPost, "/api/public/agent/"+s.Agent.ID+"/waba", once, template)
}

// The page's example reaches Meta as documented, and Meta's answer comes back unchanged.
func TestTemplate(t *testing.T) {
	s := open(t)
	status, _, answer := s.send(t, "")
	const want = `{"contacts":[{"input":"31612345678","wa_id":"31612345678"}],"messages":[{"id":"wamid.HBgL00000001","message_status":"accepted"}],"messaging_product":"whatsapp"}`
	if status != http.StatusOK || answer != want {
		t.Errorf("got %d %s, want %s", status, answer, want)
	}
	if accepted := s.meta.Accepted(); len(accepted) != 1 || accepted[0].To != "31612345678" || accepted[0].Ref == "" {
		t.Errorf("got %+v", accepted)
	}
}

// Many requests at once under one key send one message.
func TestTemplate_Once(t *testing.T) {
	s := open(t)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if status, _, answer := s.send(t, "order-4711"); status != http.StatusOK && status != http.StatusConflict {
				t.Errorf("got %d %s", status, answer)
			}
		})
	}
	all.Wait()
	if status, replayed, answer := s.send(t, "order-4711"); status != http.StatusOK || replayed != "true" || len(s.meta.Accepted()) != 1 {
		t.Errorf("got %d, replayed %q, %s and %d messages, want one message", status, replayed, answer, len(s.meta.Accepted()))
	}
}

// After a lost response the key says that the outcome is unknown, and sends nothing.
func TestTemplate_LostResponse(t *testing.T) {
	s := open(t)
	s.meta.Lose(graph.HangUp)
	for _, replayed := range []string{"", "true"} {
		status, got, answer := s.send(t, "order-4711")
		if status != http.StatusBadGateway || got != replayed || !strings.Contains(answer, "may have been sent") {
			t.Errorf("got %d, replayed %q, %s", status, got, answer)
		}
	}
	if n := len(s.meta.Accepted()); n != 1 {
		t.Errorf("%d messages were sent", n)
	}
}

// A token that ended shows in the connection, with Meta's words and what to do; the token
// itself shows nowhere.
func TestTemplate_TokenEnded(t *testing.T) {
	s := open(t)
	s.meta.Refuse(graph.Error(http.StatusUnauthorized, 190, "Error validating access token: "+token+" has expired"))
	if status, _, answer := s.send(t, ""); status != http.StatusBadGateway || !strings.Contains(answer, `"code":190`) || strings.Contains(answer, token) {
		t.Errorf("got %d %s", status, answer)
	}
	status, _, answer := s.call(t, http.MethodGet, "/api/v1/connections/"+s.connection, "", "")
	if status != http.StatusOK || !strings.Contains(answer, `"needs_attention"`) || !strings.Contains(answer, "has expired") || strings.Contains(answer, token) {
		t.Errorf("got %d %s", status, answer)
	}
}
