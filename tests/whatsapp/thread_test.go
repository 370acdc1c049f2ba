package whatsapp_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/quintet-agents/quintet/tests/graph"
)

// number is the shop's at Meta, and ann a person who writes to it.
var (
	number = graph.Number{ID: "106540352242922", AccountID: "215589313241560883"}
	ann    = graph.Person{Phone: "31612345678", Name: "Ann"}
)

// thread is a thread as the managing API shows it.
type thread struct {
	ID      string
	Channel string
	State   struct {
		HandedOver bool `json:"handed_over"`
		Pending    int
	}
	Contact struct {
		ID        string
		Name      string
		Address   string
		LastSeen  string `json:"last_seen"`
		WindowEnd string `json:"window_end"`
	}
}

type message struct {
	Role, Content string
	Author        *string
	Delivery      *struct {
		Parts []struct {
			State      string
			ProviderID string `json:"provider_id"`
		}
	}
}

// String returns a message with its author and the states of its parts, for comparisons.
func (m message) String() string {
	text := m.Role
	if m.Author != nil {
		text += " by " + *m.Author
	}
	text += ": " + m.Content
	if m.Delivery != nil {
		for _, p := range m.Delivery.Parts {
			text += " [" + p.State + "]"
		}
	}
	return text
}

// get reads the data of an answer.
func get[T any](t *testing.T, s *shop, path string) (data T) {
	t.Helper()
	status, _, answer := s.call(t, http.MethodGet, path, "", "")
	var whole struct{ Data T }
	if err := json.Unmarshal([]byte(answer), &whole); err != nil || status != http.StatusOK {
		t.Fatalf("%s: got %d %s, %v", path, status, answer, err)
	}
	return whole.Data
}

func (s *shop) do(t *testing.T, method, path, body string, want int) {
	t.Helper()
	if status, _, answer := s.call(t, method, path, "", body); status != want {
		t.Fatalf("%s %s: got %d %s, want %d", method, path, status, answer, want)
	}
}

// hear delivers changes over the shop's webhook, as Meta does.
func (s *shop) hear(t *testing.T, changes ...graph.Change) {
	t.Helper()
	req, err := s.meta.WhatsAppWebhook(number, changes...).Request(s.Runner.URL() + "/api/webhooks/whatsapp/" + s.connection)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req.WithContext(t.Context()))
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	if res.StatusCode != http.StatusOK {
		t.Fatalf("got status %d of the webhook, want 200", res.StatusCode)
	}
}

// wait returns when Meta has accepted a number of messages.
func (s *shop) wait(t *testing.T, n int) []graph.Accepted {
	t.Helper()
	deadline := time.After(30 * time.Second)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		if all := s.meta.Accepted(); len(all) >= n {
			return all
		}
		select {
		case <-deadline:
			t.Fatalf("got %d messages at Meta, want %d", len(s.meta.Accepted()), n)
		case <-tick.C:
		}
	}
}

// messages returns the thread's messages, oldest first, once their parts have left.
func (s *shop) messages(t *testing.T, threadID string) []string {
	t.Helper()
	deadline := time.After(30 * time.Second)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		var all []string
		for _, m := range get[[]message](t, s, "/api/v1/threads/"+threadID+"/messages") {
			all = append([]string{m.String()}, all...)
		}
		if text := fmt.Sprint(all); !strings.Contains(text, "[waiting]") && !strings.Contains(text, "[sending]") {
			return all
		}
		select {
		case <-deadline:
			t.Fatalf("got %q, want no part waiting", all)
		case <-tick.C:
		}
	}
}

// A template begins a thread, the agent answers the person, somebody of the business takes over
// and hands back: all in one thread, each message with its delivery state.
func TestThread(t *testing.T) {
	s := open(t)
	s.do(t, http.MethodPatch, "/api/v1/connections/"+s.connection, `{"settings":{"quiet_seconds":0}}`, http.StatusOK)
	if status, _, answer := s.send(t, ""); status != http.StatusOK {
		t.Fatalf("got %d %s", status, answer)
	}
	all := get[[]thread](t, s, "/api/v1/threads?channel=whatsapp&agent_id="+s.Agent.ID)
	if len(all) != 1 {
		t.Fatalf("got %d threads, want 1", len(all))
	}
	path := "/api/v1/threads/" + all[0].ID
	before := get[thread](t, s, path)
	if before.Contact.Address != "31612345678" || before.Contact.LastSeen != "" || before.Contact.WindowEnd != "" || before.Channel != "whatsapp" {
		t.Errorf("got %+v, want a contact that never wrote", before)
	}
	s.do(t, http.MethodPost, path+"/messages", `{"content":"Hello"}`, http.StatusConflict) // the window is closed

	s.hear(t, graph.StatusOf(s.wait(t, 1)[0], "delivered", 0, time.Now()), graph.Text(ann, "wamid.1", "Which parcel?", time.Now()))
	s.wait(t, 2)
	if after := get[thread](t, s, path); after.Contact.Name != "John Doe" || after.Contact.ID != before.Contact.ID || after.Contact.WindowEnd == "" {
		t.Errorf("got %+v, want the same contact with an open window", after)
	}
	s.do(t, http.MethodPatch, path, `{"handed_over":true}`, http.StatusOK)
	s.do(t, http.MethodPost, path+"/messages", `{"content":"The blue one."}`, http.StatusCreated)
	if last := s.wait(t, 3)[2]; last.Text != "The blue one." || last.To != "31612345678" {
		t.Errorf("got %+v, want the person's message", last)
	}
	s.do(t, http.MethodPatch, path, `{"handed_over":false}`, http.StatusOK)
	s.hear(t, graph.Text(ann, "wamid.2", "[[recall]]", time.Now()))
	s.wait(t, 4)

	want := []string{
		"assistant by template: [image]\n\nYour order ABC123 is Shipped. [delivered]",
		"user: Which parcel?", "assistant: You said: Which parcel? [sent]",
		"assistant by person: The blue one. [sent]",
		"user: [[recall]]", "assistant: (no message) | Which parcel? [sent]",
	}
	if d := cmp.Diff(want, s.messages(t, all[0].ID)); d != "" {
		t.Errorf("messages (-want +got):\n%s", d)
	}
	s.do(t, http.MethodPatch, "/api/v1/contacts/"+before.Contact.ID, `{"opted_out":true}`, http.StatusOK)
	s.do(t, http.MethodPost, path+"/messages", `{"content":"Bye"}`, http.StatusConflict)
}
