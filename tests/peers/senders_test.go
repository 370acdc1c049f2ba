package peers_test

import (
	"encoding/json"
	"net/http"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/quintet-agents/quintet/shared/channel"
	"github.com/quintet-agents/quintet/shared/channel/meta"
	"github.com/quintet-agents/quintet/shared/connection"
	"github.com/quintet-agents/quintet/tests/graph"
)

// outgoing is a message that a program sends over WhatsApp.
type outgoing struct {
	Name     string `json:"name"`
	To       string `json:"to"` // a phone number or a user id
	Text     string `json:"text"`
	Template string `json:"template"`
	Language string `json:"language"`
	ReplyTo  string `json:"reply_to"`
	Ref      string `json:"ref"`
}

// Another author's client of WhatsApp sends what we send, to the field, and the fake of the
// Graph API accepts it.
func TestWhatsApp_Senders(t *testing.T) {
	messages := []outgoing{
		{Name: "a text", To: "31612345678", Text: "grüße 👩‍👩‍👧 <b> & \"\\"},
		{Name: "an answer", To: "31612345678", Text: "x", ReplyTo: "wamid.in", Ref: "ref-1"},
		{Name: "a user id", To: "US.13491208655302741918", Text: "x"},
		{Name: "a user id of the parent portfolio", To: "US.ENT.11815799212886844830", Text: "x"},
		{Name: "a template", To: "31612345678", Template: "hello", Language: "en_US", Ref: "ref-2"},
		{Name: "a template to a user id", To: "US.13491208655302741918", Template: "hello", Language: "en_US"},
	}
	number := graph.Number{ID: "106540352242922", AccountID: "215589313241560883", Token: "EAAsecret", Templates: []graph.Template{{Name: "hello", Language: "en_US", Body: "Hello"}}}
	ours := graph.Start(t, number)
	provider := meta.WhatsApp{Client: meta.NewClient(http.DefaultClient, ours.URL, meta.DefaultVersion)}
	account := channel.Account{
		Connection: connection.Connection{Channel: connection.WhatsApp, Identifiers: map[string]string{"phone_number_id": number.ID}},
		Secrets:    connection.Secrets{"access_token": number.Token},
	}
	for _, m := range messages {
		out := channel.Outgoing{To: channel.Person{Address: m.To}, Text: m.Text, ReplyTo: m.ReplyTo, Ref: m.Ref}
		if m.Template != "" {
			out.Template = &connection.Template{Name: m.Template, Language: m.Language}
		}
		if _, err := provider.Send(t.Context(), account, out); err != nil {
			t.Fatalf("%s: %v", m.Name, err)
		}
	}
	if err := provider.Typing(t.Context(), account, channel.Inbound{ID: "wamid.in"}); err != nil {
		t.Fatal(err)
	}
	for _, path := range programs(t, "senders") {
		t.Run(filepath.Base(path), func(t *testing.T) {
			theirs := graph.Start(t, number)
			run(t, nil, path, writeJSON(t, "messages.json", map[string]any{
				"url": theirs.URL + "/" + meta.DefaultVersion, "number": number.ID, "token": number.Token, "messages": messages,
			}))
			if d := cmp.Diff(requests(t, ours), requests(t, theirs)); d != "" {
				t.Errorf("(-ours +theirs):\n%s", d)
			}
			if d := cmp.Diff(ours.Typed(), theirs.Typed()); d != "" {
				t.Errorf("typing: (-ours +theirs):\n%s", d)
			}
		})
	}
}

// requests returns the messages that a server has accepted.
func requests(t *testing.T, s *graph.Server) []any {
	t.Helper()
	var all []any
	for _, a := range s.Accepted() {
		var v any
		if err := json.Unmarshal(a.Body, &v); err != nil {
			t.Fatal(err)
		}
		all = append(all, v)
	}
	return all
}
