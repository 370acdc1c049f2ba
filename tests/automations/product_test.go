package automations_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/go-cmp/cmp"

	"github.com/quintet-agents/quintet/shared/channel"
	"github.com/quintet-agents/quintet/shared/connection"
	"github.com/quintet-agents/quintet/shared/dynamo/dynamotest"
	"github.com/quintet-agents/quintet/shared/inbox"
	"github.com/quintet-agents/quintet/shared/ledger"
	"github.com/quintet-agents/quintet/tests/graph"
	"github.com/quintet-agents/quintet/tests/rig"
)

// The whole product, as processes with a real KMS and real queues, takes a webhook, and performs a
// step of each type that reaches somebody.
func TestRun_InTheProduct(t *testing.T) {
	receiver := startReceiver(t)
	facebook := graph.Start(t, graph.Number{ID: "106540352242922", AccountID: "2", Token: "EAAsecret", Templates: []graph.Template{{Name: "order", Language: "en", Body: "Order {{1}} is {{2}}"}}})
	r := rig.StartConfigured(t, 100*ledger.Credit, map[string]string{"MetaGraphUrl": facebook.URL})
	call := func(method, path, key, body string, want int, into any) {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), method, r.Runner.URL()+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+key)
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("Idempotency-Key", path) // its row keeps the answer
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = res.Body.Close() }()
		raw, err := io.ReadAll(res.Body)
		if err != nil || res.StatusCode != want {
			t.Fatalf("%s %s: got %d %s, %v, want %d", method, path, res.StatusCode, raw, err, want)
		}
		if err := json.Unmarshal(raw, into); err != nil {
			t.Fatal(err)
		}
	}
	var made struct{ Data struct{ ID string } }
	call(http.MethodPost, "/api/v1/connections", r.Key, `{"type":"whatsapp","agent_id":"`+r.Agent.ID+`","name":"Shop","credentials":{"phone_number_id":"106540352242922","access_token":"EAAsecret","app_secret":"a","verify_token":"v"}}`, http.StatusCreated, &made)
	shop := made.Data.ID
	now := time.Now().UTC()
	contact := inbox.Contact{ID: connection.NewID(), OrgID: r.Org, ConnectionID: shop, Channel: connection.WhatsApp, Person: channel.Person{Address: "31612345678"}, LastSeen: now}
	if _, err := dynamotest.Chat(t.Context(), r.Store, r.Agent.ID, contact, now); err != nil {
		t.Fatal(err)
	}
	path := "orders-" + connection.NewID()
	call(http.MethodPost, "/api/v1/automations", r.Key, fmt.Sprintf(`{"name": "Orders", "trigger": {"type": "webhook", "path": %q, "verify": {"type": "bearer", "secret": "a-secret-of-a-shop"}}, "steps": [
		{"id": "fetch", "type": "http", "method": "GET", "url": "%s/orders/{{trigger.body.id}}", "secret_headers": {"X-Key": %q}},
		{"id": "ask", "type": "agent", "agent_id": %q, "prompt": "order {{trigger.body.id}}"},
		{"id": "note", "type": "template", "connection_id": %q, "to": "+31612345678", "name": "order", "language": "en", "parameters": {"1": "{{trigger.body.id}}", "2": "ready"}},
		{"id": "tell", "type": "message", "connection_id": %q, "to": "+31612345678", "text": "{{steps.ask.text}}"}]}`,
		path, receiver.URL, hidden, r.Agent.ID, shop, shop), http.StatusCreated, &made)
	automationID := made.Data.ID
	call(http.MethodPost, "/api/v1/automations/"+automationID+"/publish", r.Key, "", http.StatusOK, &made)
	var started struct {
		RunID string `json:"run_id"`
	}
	call(http.MethodPost, "/api/webhooks/automations/"+path, "a-secret-of-a-shop", `{"id": 4711}`, http.StatusAccepted, &started)
	var run struct {
		Data struct {
			State string
			Error json.RawMessage
			Steps []struct {
				Path, State   string
				Input, Output json.RawMessage
			}
		}
	}
	for end := time.Now().Add(time.Minute); run.Data.State != "completed"; <-time.After(100 * time.Millisecond) {
		call(http.MethodGet, "/api/v1/automations/"+automationID+"/runs/"+started.RunID, r.Key, "", http.StatusOK, &run)
		if run.Data.State == "failed" || time.Now().After(end) {
			t.Fatalf("got the run %+v, want it completed", run.Data)
		}
	}
	shown, err := json.Marshal(run.Data)
	if err != nil {
		t.Fatal(err)
	}
	if text := string(shown); strings.Contains(text, hidden) || !strings.Contains(text, `"[secret]"`) || !strings.Contains(text, "You said: order 4711") {
		t.Errorf("got the run %s, want the agent's answer, and the secret masked", text)
	}
	var taken []string
	for _, m := range facebook.Accepted() {
		taken = append(taken, m.To+" "+m.Template+m.Text)
	}
	if d := cmp.Diff([]string{"31612345678 order", "31612345678 You said: order 4711"}, taken); d != "" {
		t.Errorf("messages at Meta (-want +got):\n%s", d)
	}
	for _, secret := range []string{hidden, "a-secret-of-a-shop"} {
		if r.Logged(secret) {
			t.Errorf("got the secret %s in a log", secret)
		}
		for _, it := range r.Items(t) {
			for name, value := range it {
				if has(value, secret) {
					t.Errorf("got the secret %s in the field %s of a row: %v", secret, name, it["pk"])
				}
			}
		}
	}
}

// has reports whether a value of a row has a text in it.
func has(v types.AttributeValue, text string) bool {
	switch v := v.(type) {
	case *types.AttributeValueMemberS:
		return strings.Contains(v.Value, text)
	case *types.AttributeValueMemberB:
		return strings.Contains(string(v.Value), text)
	case *types.AttributeValueMemberM:
		for _, inner := range v.Value {
			if has(inner, text) {
				return true
			}
		}
	case *types.AttributeValueMemberL:
		return slices.ContainsFunc(v.Value, func(inner types.AttributeValue) bool { return has(inner, text) })
	}
	return false
}
