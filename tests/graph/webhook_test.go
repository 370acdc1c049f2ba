package graph_test

import (
	"bytes"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/quintet-agents/quintet/shared/channel"
	"github.com/quintet-agents/quintet/shared/channel/meta"
	"github.com/quintet-agents/quintet/shared/connection"
	"github.com/quintet-agents/quintet/tests/graph"
)

var (
	at  = time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)
	ann = graph.Person{Phone: "31612345678", UserID: "NL.13491208655302741918", Name: "Ann é 👍"}
)

// parse checks a webhook's signature and returns what it reports.
func parse(t *testing.T, h graph.Webhook) []channel.Update {
	t.Helper()
	req, err := h.Request("http://127.0.0.1/")
	if err != nil {
		t.Fatal(err)
	}
	if err := meta.VerifySignature(connection.Secrets{"app_secret": "a"}, req.Header, h.Body); err != nil {
		t.Error(err)
	}
	if i := bytes.IndexFunc(h.Body, func(r rune) bool { return r >= 0x80 }); i >= 0 {
		t.Errorf("%s is not escaped at %d", h.Body, i)
	}
	updates, err := meta.Parse(h.Body)
	if err != nil {
		t.Fatal(err)
	}
	return updates
}

// A batch has messages, also of people whose number is hidden, and statuses.
func TestWhatsAppWebhook(t *testing.T) {
	s := graph.Start(t, shop)
	picture := graph.Media{ID: "77", NumberID: shop.ID, Type: "image/jpeg", Data: []byte("picture")}
	url := s.Upload(picture)
	sent := graph.Accepted{ID: "wamid.out", To: ann.Phone, Ref: "ref-1"}
	hidden := graph.Person{UserID: ann.UserID, Name: ann.Name}
	got := parse(t, s.WhatsAppWebhook(shop,
		graph.Text(ann, "wamid.1", "Hi / é 👍 \\", at),
		s.Image(hidden, "wamid.2", "77", "look", at),
		graph.StatusOf(sent, "delivered", 0, at),
		graph.StatusOf(sent, "failed", 131047, at),
	))
	person := channel.Person{Address: ann.Phone, UserID: ann.UserID, Name: ann.Name}
	unseen := channel.Person{UserID: ann.UserID, Name: ann.Name}
	if len(got) != 4 {
		t.Fatalf("got %d updates, want 4: %+v", len(got), got)
	}
	for i, want := range []*channel.Inbound{
		{ID: "wamid.1", From: person, At: at, Type: "text", Handling: channel.Answer, Text: "Hi / é 👍 \\"},
		{
			ID: "wamid.2", From: unseen, At: at, Type: "image", Handling: got[1].Message.Handling, Text: got[1].Message.Text,
			Media: []channel.Media{{Type: "image", ID: "77", URL: url, ContentType: "image/jpeg", SHA256: picture.SHA256()}},
		},
	} {
		if d := cmp.Diff(want, got[i].Message); d != "" || got[i].Account != shop.ID {
			t.Errorf("(-want +got):\n%s", d)
		}
	}
	for i, want := range []channel.State{channel.Delivered, channel.Failed} {
		if s := got[2+i].Status; s == nil || s.State != want || s.Ref != "ref-1" || s.MessageID != "wamid.out" {
			t.Errorf("got %+v, want %s", s, want)
		}
	}
	if f := got[3].Status.Failure; f == nil || f.Code != 131047 || f.Kind != channel.WindowClosed {
		t.Errorf("got %+v, want code 131047", f)
	}
}

// Messages, echoes, deliveries and reads of Instagram and Messenger are parsed too.
func TestDirectWebhook(t *testing.T) {
	s := graph.Start(t)
	const business, person = "178414000000001", "5100"
	for _, object := range []graph.Object{graph.Instagram, graph.Messenger} {
		sent := graph.Accepted{Object: object, NumberID: business, ID: "m_1", To: person, Text: "x"}
		got := parse(t, s.DirectWebhook(object, business,
			graph.DirectText(person, business, "m_in", "Hi é", at), graph.Echo(sent, at), graph.ReadUpTo(sent, at)))
		if len(got) != 3 || got[0].Message == nil || got[0].Message.Text != "Hi é" || got[0].Account != business {
			t.Fatalf("%s: got %+v", object, got)
		}
		if got[1].Message != nil && got[1].Message.Handling == channel.Answer {
			t.Errorf("%s: the echo is answered: %+v", object, got[1].Message)
		}
		if got[2].Status == nil || got[2].Status.State != channel.Read {
			t.Errorf("%s: got %+v, want a read message", object, got[2])
		}
	}
	sent := graph.Accepted{Object: graph.Messenger, NumberID: business, ID: "m_1", To: person}
	if got := parse(t, s.DirectWebhook(graph.Messenger, business, graph.Delivered(sent, at))); len(got) != 1 || got[0].Status == nil || got[0].Status.State != channel.Delivered {
		t.Errorf("got %+v, want a delivered message", got)
	}
}

// Each request over Instagram or Messenger that Meta documents is taken, and any other is refused.
func TestSend_Direct(t *testing.T) {
	const text = `{"recipient":{"id":"5100"},"messaging_type":"RESPONSE","message":{"text":"x"}}`
	for name, c := range map[string]struct {
		path, token, body string
		code              string // empty: it is taken
	}{
		"a text":                    {"/v25.0/1/messages", "EAApage", text, ""},
		"a tag":                     {"/v25.0/1/messages", "EAApage", `{"recipient":{"id":"5100"},"messaging_type":"MESSAGE_TAG","tag":"HUMAN_AGENT","message":{"text":"x"}}`, ""},
		"typing":                    {"/v25.0/1/messages", "EAApage", `{"recipient":{"id":"5100"},"sender_action":"typing_on"}`, ""},
		"instagram":                 {"/instagram/v25.0/2/messages", "IGtoken", `{"recipient":{"id":"5100"},"message":{"text":"x"}}`, ""},
		"a tag that Meta ended":     {"/v25.0/1/messages", "EAApage", `{"recipient":{"id":"5100"},"messaging_type":"MESSAGE_TAG","tag":"ACCOUNT_UPDATE","message":{"text":"x"}}`, `"code":100`},
		"a tag alone":               {"/v25.0/1/messages", "EAApage", `{"recipient":{"id":"5100"},"messaging_type":"RESPONSE","tag":"HUMAN_AGENT","message":{"text":"x"}}`, `"code":100`},
		"no messaging type":         {"/v25.0/1/messages", "EAApage", `{"recipient":{"id":"5100"},"message":{"text":"x"}}`, `"code":100`},
		"an action and a message":   {"/v25.0/1/messages", "EAApage", `{"recipient":{"id":"5100"},"sender_action":"typing_on","message":{"text":"x"}}`, `"code":100`},
		"an unknown action":         {"/v25.0/1/messages", "EAApage", `{"recipient":{"id":"5100"},"sender_action":"dance"}`, `"code":100`},
		"the other host":            {"/instagram/v25.0/1/messages", "EAApage", text, `"code":100`},
		"an account's other host":   {"/v25.0/2/messages", "IGtoken", text, `"code":100`},
		"the id of the app's scope": {"/instagram/v25.0/22/messages", "IGtoken", text, `"code":100`},
	} {
		s := graph.Start(t)
		s.SetPage(graph.Page{ID: "1", Token: "EAApage"})
		s.SetAccount(graph.Account{ID: "2", AppID: "22", Token: "IGtoken"})
		status, answer := call(t, s, http.MethodPost, c.path, c.token, c.body)
		taken := len(s.Accepted()) + len(s.Typed())
		if c.code == "" && (status != http.StatusOK || taken != 1) || c.code != "" && (!strings.Contains(answer, c.code) || taken != 0) {
			t.Errorf("%s: got %d %s, want %q", name, status, answer, c.code)
		}
	}
}
