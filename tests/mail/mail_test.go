// Package mail_test sends mail through the whole product, as processes with a real KMS, and
// receives the answers with a fake of Amazon SES.
package mail_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	netmail "net/mail"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jhillyerd/enmime/v2"

	"github.com/quintet-agents/quintet/shared/connection"
	"github.com/quintet-agents/quintet/shared/ledger"
	"github.com/quintet-agents/quintet/tests/mail"
	"github.com/quintet-agents/quintet/tests/rig"
	"github.com/quintet-agents/quintet/tests/ses"
)

func TestMain(m *testing.M) { rig.Main(m) }

const (
	ada = "ada@example.org"
	eve = "eve@example.net"
)

// shop is the product with an identity of Amazon SES, from which its org may send.
type shop struct {
	*rig.Rig

	ses   *ses.Server
	taken int // answers that a test has looked at
	sent  int // mails to the shop
}

func open(t *testing.T) *shop {
	t.Helper()
	s := &shop{ses: ses.Start(t, "us-east-1")}
	s.Rig = rig.StartMailing(t, 1000*ledger.Credit, s.ses.URL)
	s.ses.Add(ses.Identity{Name: "shop.example", Verified: true, Tags: map[string]string{connection.IdentityTag: s.Org}})
	return s
}

// mailbox is a connection of the shop.
type mailbox struct {
	*shop

	provider mail.Provider
	address  string
	hook     string
}

// connect creates a connection over the API.
func (s *shop) connect(t *testing.T, p mail.Provider) *mailbox {
	t.Helper()
	b := &mailbox{shop: s, provider: p, address: p.Name() + "@shop.example"}
	credentials := map[string]string{"provider": p.Name(), "address": b.address}
	maps.Copy(credentials, p.Credentials())
	body, err := json.Marshal(map[string]any{
		"type": "email", "agent_id": s.Agent.ID, "name": "Käse & Söhne", "credentials": credentials, "settings": map[string]int{"quiet_seconds": 0},
	})
	if err != nil {
		t.Fatal(err)
	}
	status, answer := s.call(t, http.MethodPost, s.Runner.URL()+"/api/v1/connections", http.Header{"Authorization": {s.Key}}, body)
	var created struct {
		Data struct {
			URL string `json:"webhook_url"`
		}
	}
	if err := json.Unmarshal([]byte(answer), &created); err != nil || status != http.StatusCreated {
		t.Fatalf("got %d %s, %v, want a connection", status, answer, err)
	}
	b.hook = created.Data.URL
	return b
}

func (s *shop) call(t *testing.T, method, url string, h http.Header, body []byte) (status int, answer string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header = h.Clone()
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(raw)
}

// get reads the data of an answer of the managing API.
func get[T any](t *testing.T, s *shop, path string) (data T) {
	t.Helper()
	status, answer := s.call(t, http.MethodGet, s.Runner.URL()+path, http.Header{"Authorization": {s.Key}}, nil)
	var whole struct{ Data T }
	if err := json.Unmarshal([]byte(answer), &whole); err != nil || status != http.StatusOK {
		t.Fatalf("%s: got %d %s, %v", path, status, answer, err)
	}
	return whole.Data
}

// letter returns a new mail to the connection.
func (b *mailbox) letter(from, text string) mail.Letter {
	b.sent++
	return mail.Letter{From: from, To: b.address, Subject: "My order", ID: fmt.Sprintf("%s-%d@example.org", b.provider.Name(), b.sent), Text: text}
}

// post sends a webhook, which must be answered with a status.
func (b *mailbox) post(t *testing.T, w mail.Webhook, want int) {
	t.Helper()
	if status, answer := b.call(t, http.MethodPost, b.hook, w.Header, w.Body); status != want {
		t.Fatalf("got %d %s, want %d", status, answer, want)
	}
}

// deliver delivers a mail.
func (b *mailbox) deliver(t *testing.T, l mail.Letter) {
	t.Helper()
	b.post(t, b.provider.Webhook(l), http.StatusOK)
}

// answer is a mail of the shop, as its recipient gets it.
type answer struct {
	netmail.Header

	To, Text  string
	replyTo   string
	messageID string // that Amazon SES gave it
	own       string // our own id, the last one of References
}

// next waits for the next answer.
func (s *shop) next(t *testing.T) answer {
	t.Helper()
	eventually(t, "a mail at Amazon SES", func() bool { return len(s.ses.Accepted()) > s.taken })
	s.taken++
	taken := s.ses.Accepted()[s.taken-1]
	env, err := enmime.ReadEnvelope(bytes.NewReader(taken.Sent))
	if err != nil {
		t.Fatal(err)
	}
	m, err := netmail.ReadMessage(bytes.NewReader(taken.Sent))
	if err != nil {
		t.Fatal(err)
	}
	a := answer{Header: m.Header, To: taken.To[0], Text: strings.TrimSpace(env.Text), messageID: strings.Trim(m.Header.Get("Message-Id"), "<>")}
	if list, err := m.Header.AddressList("Reply-To"); err == nil && len(list) == 1 {
		a.replyTo = list[0].Address
	}
	if ids := strings.Fields(m.Header.Get("References")); len(ids) > 0 {
		a.own = strings.Trim(ids[len(ids)-1], "<>")
	}
	return a
}

// expect waits for the next answer, to an address with a text.
func (s *shop) expect(t *testing.T, to, text string) answer {
	t.Helper()
	a := s.next(t)
	if d := cmp.Diff([]string{to, text}, []string{a.To, a.Text}); d != "" {
		t.Fatalf("answer (-want +got):\n%s", d)
	}
	return a
}

// eventually waits until something holds.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	deadline := time.After(15 * time.Second)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !holds() {
		select {
		case <-deadline:
			t.Fatalf("got no %s within 15 s, want it", what)
		case <-tick.C:
		}
	}
}

type thread struct {
	ID    string
	State struct{ Pending int }
}

type message struct {
	Role, Content string
	Delivery      *struct {
		Parts []struct{ State, Reason string }
	}
}

// threads returns the threads of the shop, newest first.
func (s *shop) threads(t *testing.T) []thread {
	t.Helper()
	return get[[]thread](t, s, "/api/v1/threads?channel=email")
}

// messages returns the messages of a thread with the states of their parts, oldest first.
func (s *shop) messages(t *testing.T, id string) []string {
	t.Helper()
	all := []string{}
	for _, m := range get[[]message](t, s, "/api/v1/threads/"+id+"/messages") {
		text := m.Role + ": " + m.Content
		if m.Delivery != nil {
			for _, p := range m.Delivery.Parts {
				text += " [" + strings.TrimSpace(p.State+" "+p.Reason) + "]"
			}
		}
		all = append([]string{text}, all...)
	}
	return all
}
