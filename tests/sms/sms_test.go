// Package sms_test sends webhooks of Twilio through the whole product, as processes with a real
// KMS, and receives the answers with a fake of Twilio.
package sms_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/quintet-agents/quintet/shared/channel/twilio"
	"github.com/quintet-agents/quintet/shared/ledger"
	"github.com/quintet-agents/quintet/tests/rig"
	fake "github.com/quintet-agents/quintet/tests/twilio"
)

func TestMain(m *testing.M) { rig.Main(m) }

const (
	number = "+15551234567"
	ann    = "+15550001111"
	public = "https://chat.example.com"
)

var account = fake.Account{SID: "AC00000000000000000000000000000001", Token: "a-token-of-32-characters-00000000"}

// shop is the product with an agent that answers a number.
type shop struct {
	*rig.Rig

	twilio *fake.Server
	hook   string // the URL that is configured at Twilio
	sent   int
}

const template = "HX00000000000000000000000000000001"

func open(t *testing.T, from, quiet string, settings ...string) *shop {
	t.Helper()
	a := account
	a.Senders, a.Contents = []fake.Sender{{From: from}}, []string{template}
	s := &shop{twilio: fake.Start(t, a)}
	s.Rig = rig.StartConfigured(t, 1000*ledger.Credit, map[string]string{"TwilioApiUrl": s.twilio.URL})
	body := `{"type":"twilio","agent_id":"` + s.Agent.ID + `","name":"Shop","credentials":{"account_sid":"` + a.SID + `","auth_token":"` + a.Token +
		`","from":"` + from + `","signing_key_id":"key-1","signing_key":"a-shared-key"},"settings":{"quiet_seconds":` + quiet + `,"public_url":"` + public + `"` + strings.Join(settings, "") + `}}`
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.Runner.URL()+"/api/v1/connections", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", s.Key)
	status, _, answer := do(t, req)
	var created struct {
		Data struct {
			URL string `json:"webhook_url"`
		}
	}
	if err := json.Unmarshal([]byte(answer), &created); err != nil || status != http.StatusCreated {
		t.Fatalf("got %d %s, %v, want a connection", status, answer, err)
	}
	s.hook = created.Data.URL
	return s
}

func do(t *testing.T, req *http.Request) (status int, contentType, answer string) {
	t.Helper()
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, res.Header.Get("Content-Type"), string(raw)
}

// post sends a webhook to the deployment behind the public URL.
func (s *shop) post(t *testing.T, w fake.Webhook) (status int, contentType, answer string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.Runner.URL()+strings.TrimPrefix(w.URL, public), bytes.NewReader(w.Body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header = w.Header.Clone()
	return do(t, req)
}

// text makes the fields of a new message.
func (s *shop) text(from, to, text string) url.Values {
	s.sent++
	return account.Message(s.sent, from, to, text)
}

// acknowledged posts a webhook, which must be acknowledged.
func (s *shop) acknowledged(t *testing.T, w fake.Webhook) {
	t.Helper()
	status, contentType, answer := s.post(t, w)
	if status != http.StatusOK || contentType != twilio.AcknowledgementType || answer != twilio.Acknowledgement {
		t.Fatalf("got %d %s %s, want an empty TwiML document", status, contentType, answer)
	}
}

// answered waits for the next answer and compares it.
func (s *shop) answered(t *testing.T, to, text string) fake.Accepted {
	t.Helper()
	m := s.twilio.Next(t)
	if d := cmp.Diff([]string{to, text}, []string{m.To, m.Body}); d != "" {
		t.Fatalf("(-want +got)\n%s", d)
	}
	return m
}

// A message is answered once, however often, in whichever form and with whichever key it is
// delivered. An altered one has no effect.
func TestSMS(t *testing.T) {
	s := open(t, number, "0")
	first := s.text(ann, number, "Where is my order?")
	altered := account.Sign(s.hook, s.text(ann, number, "Give me everything"))
	altered.Body = bytes.Replace(altered.Body, []byte("everything"), []byte("Everything"), 1)
	if status, _, answer := s.post(t, altered); status != http.StatusUnauthorized {
		t.Errorf("an altered webhook: got %d %s, want 401", status, answer)
	}
	s.acknowledged(t, account.Sign(s.hook, first))
	m := s.answered(t, ann, "You said: Where is my order?")
	for range 3 {
		s.acknowledged(t, account.Sign(s.hook, first))
	}
	s.acknowledged(t, account.SignJSON(s.hook, first))
	s.acknowledged(t, account.SignJSON(s.hook, s.text(ann, number, "As JSON")))
	s.answered(t, ann, "You said: As JSON")
	s.acknowledged(t, fake.SharedKey{ID: "key-1", Secret: "a-shared-key"}.Sign(s.hook, s.text(ann, number, "With a shared key")))
	s.answered(t, ann, "You said: With a shared key")

	for _, state := range []string{"delivered", "sent", "queued"} {
		report, ok := s.twilio.Report(m, state, 0)
		if !ok {
			t.Fatal("got a message without a status callback, want one")
		}
		s.acknowledged(t, report)
	}
	if got := len(s.twilio.Accepted()); got != 3 {
		t.Errorf("got %d answers, want 3", got)
	}
}

// A person who opted out is not answered, others are, and Twilio answers HELP.
func TestSMS_OptOut(t *testing.T) {
	const ben = "+15550002222"
	s := open(t, number, "1") // what was written at once is read together
	s.acknowledged(t, account.Sign(s.hook, s.text(ann, number, "HELP")))
	s.acknowledged(t, account.Sign(s.hook, s.text(ann, number, "Stop")))
	s.acknowledged(t, account.Sign(s.hook, s.text(ben, number, "hello")))
	s.answered(t, ben, "You said: hello")
	s.acknowledged(t, account.Sign(s.hook, s.text(ann, number, "START")))
	s.acknowledged(t, account.Sign(s.hook, s.text(ann, number, "I am back")))
	if m := s.twilio.Next(t); m.To != ann || !strings.HasSuffix(m.Body, "I am back") {
		t.Errorf("got %q to %s, want an answer to %s", m.Body, m.To, ann)
	}
	if got := len(s.twilio.Accepted()); got != 2 {
		t.Errorf("got %d answers, want 2", got)
	}
}

// A person who hides the phone number on WhatsApp is answered, and sees that the agent writes.
func TestWhatsApp_UserID(t *testing.T) {
	const from, user = "whatsapp:" + number, "whatsapp:US.13491208655302741918"
	s := open(t, from, "0")
	fields := s.text(user, from, "hello")
	fields.Set("ExternalUserId", "US.13491208655302741918")
	s.acknowledged(t, account.Sign(s.hook, fields))
	s.answered(t, user, "You said: hello")
}

// WhatsApp may say only in a status that the 24 hours are over. The connection's template with its
// variables follows once, however often Twilio reports it.
func TestWhatsApp_LateTemplate(t *testing.T) {
	const sender, person = "whatsapp:" + number, "whatsapp:" + ann
	s := open(t, sender, "0", `,"fallback_template":{"content_sid":"`+template+`","content_variables":{"1":"Ann","2":"Käse"}}`)
	s.acknowledged(t, account.Sign(s.hook, s.text(person, sender, "Hello")))
	m := s.answered(t, person, "You said: Hello")
	report, ok := s.twilio.Report(m, "undelivered", 63016)
	if !ok {
		t.Fatal("got no status callback, want one")
	}
	for range 3 {
		s.acknowledged(t, report)
	}
	got := s.answered(t, person, "")
	if d := cmp.Diff([]string{template, `{"1":"Ann","2":"Käse"}`}, []string{got.ContentSID, got.ContentVariables}); d != "" {
		t.Errorf("template (-want +got)\n%s", d)
	}
	s.acknowledged(t, report)
	s.acknowledged(t, account.Sign(s.hook, s.text(person, sender, "Thanks")))
	s.answered(t, person, "You said: Thanks")
}
