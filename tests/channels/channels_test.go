// Package channels_test has people write to an agent over Meta's channels, through the whole
// product as processes with a real KMS, and receives the answers with a fake of Meta. Packages
// sms and whatsapp do so for Twilio, and for what a person of the business does.
package channels_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/quintet-agents/quintet/shared/ledger"
	"github.com/quintet-agents/quintet/tests/graph"
	"github.com/quintet-agents/quintet/tests/rig"
)

func TestMain(m *testing.M) { rig.Main(m) }

// shop is the product with an agent that has a connection of one of Meta's channels.
type shop struct {
	*rig.Rig

	meta *graph.Server
	hook string // the URL that Meta is given
}

// account is an account of a channel: how it is connected, and what its webhooks look like.
type account struct {
	channel, identifier string
	text                func(s *graph.Server, id, text string) graph.Webhook
	voice               func(s *graph.Server, id string) graph.Webhook
	report              func(s *graph.Server, sent graph.Accepted) graph.Webhook
	state               string // that the report leaves
}

var number = graph.Number{ID: "106540352242922", AccountID: "215589313241560883", Token: "t"}

const person, page, insta = "6811000000000001", "104000000000001", "17841400000000000"

var accounts = []account{
	{
		channel: "whatsapp", identifier: `"phone_number_id":"` + number.ID + `"`, state: "read",
		text: func(s *graph.Server, id, text string) graph.Webhook {
			return s.WhatsAppWebhook(number, graph.Text(graph.Person{Phone: "31612345678", Name: "Zoë"}, id, text, time.Now()))
		},
		voice: func(s *graph.Server, id string) graph.Webhook {
			return s.WhatsAppWebhook(number, graph.Incoming(graph.Person{Phone: "31612345678"}, id, "audio", map[string]any{"id": "1", "mime_type": "audio/ogg", "voice": true}, time.Now()))
		},
		report: func(s *graph.Server, sent graph.Accepted) graph.Webhook {
			return s.WhatsAppWebhook(number, graph.StatusOf(sent, "delivered", 0, time.Now()), graph.StatusOf(sent, "read", 0, time.Now()))
		},
	},
	direct("instagram", "account_id", insta, graph.Instagram, "read", func(sent graph.Accepted) graph.Event { return graph.ReadUpTo(sent, time.Now()) }),
	direct("messenger", "page_id", page, graph.Messenger, "delivered", func(sent graph.Accepted) graph.Event { return graph.Delivered(sent, time.Now()) }),
}

func direct(channel, field, id string, object graph.Object, state string, report func(graph.Accepted) graph.Event) account {
	return account{
		channel: channel, identifier: fmt.Sprintf("%q:%q", field, id), state: state,
		text: func(s *graph.Server, mid, text string) graph.Webhook {
			return s.DirectWebhook(object, id, graph.DirectText(person, id, mid, text, time.Now()))
		},
		voice: func(s *graph.Server, mid string) graph.Webhook {
			return s.DirectWebhook(object, id, graph.Event{
				"sender": map[string]any{"id": person}, "recipient": map[string]any{"id": id}, "timestamp": time.Now().UnixMilli(),
				"message": map[string]any{"mid": mid, "attachments": []any{map[string]any{"type": "audio", "payload": map[string]any{"url": "https://example.com/a"}}}},
			})
		},
		report: func(s *graph.Server, sent graph.Accepted) graph.Webhook {
			return s.DirectWebhook(object, id, report(sent))
		},
	}
}

func open(t *testing.T, a account) *shop {
	t.Helper()
	s := &shop{meta: graph.Start(t, number)}
	owner := graph.Page{ID: page, Token: "t"}
	if a.channel == "instagram" {
		owner.Instagram = insta
	}
	s.meta.SetPage(owner)
	s.Rig = rig.StartConfigured(t, 1000*ledger.Credit, map[string]string{"MetaGraphUrl": s.meta.URL, "InstagramGraphUrl": s.meta.InstagramURL})
	created := s.call(t, http.MethodPost, "/api/v1/connections", `{"type":"`+a.channel+`","agent_id":"`+s.Agent.ID+
		`","name":"Shop","credentials":{`+a.identifier+`,"access_token":"t","app_secret":"a","verify_token":"v"},"settings":{"quiet_seconds":1}}`, http.StatusCreated)
	var connection struct {
		Data struct {
			URL string `json:"webhook_url"`
		}
	}
	if err := json.Unmarshal([]byte(created), &connection); err != nil {
		t.Fatal(err)
	}
	s.hook = connection.Data.URL
	return s
}

func (s *shop) call(t *testing.T, method, path, body string, want int) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, s.Runner.URL()+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", s.Key)
	return send(t, req, want)
}

func send(t *testing.T, req *http.Request, want int) string {
	t.Helper()
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != want {
		t.Fatalf("%s %s: got %d %s, %v, want %d", req.Method, req.URL.Path, res.StatusCode, body, err, want)
	}
	return string(body)
}

// hear delivers a webhook.
func (s *shop) hear(t *testing.T, h graph.Webhook, want int) {
	t.Helper()
	req, err := h.Request(s.hook)
	if err != nil {
		t.Fatal(err)
	}
	send(t, req.WithContext(t.Context()), want)
}

// until returns when a condition is met.
func until(t *testing.T, what string, met func() bool) {
	t.Helper()
	deadline, tick := time.After(30*time.Second), time.NewTicker(20*time.Millisecond)
	defer tick.Stop()
	for !met() {
		select {
		case <-deadline:
			t.Fatalf("got no %s, want it", what)
		case <-tick.C:
		}
	}
}

// messages returns the messages of the shop's only thread, oldest first, with the states of their
// parts.
func (s *shop) messages(t *testing.T) []string {
	t.Helper()
	var threads struct{ Data []struct{ ID string } }
	if err := json.Unmarshal([]byte(s.call(t, http.MethodGet, "/api/v1/threads", "", http.StatusOK)), &threads); err != nil || len(threads.Data) > 1 {
		t.Fatalf("got %d threads, %v, want one", len(threads.Data), err)
	}
	if len(threads.Data) == 0 {
		return nil
	}
	var messages struct {
		Data []struct {
			Role, Content string
			Delivery      *struct{ Parts []struct{ State string } }
		}
	}
	if err := json.Unmarshal([]byte(s.call(t, http.MethodGet, "/api/v1/threads/"+threads.Data[0].ID+"/messages", "", http.StatusOK)), &messages); err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, m := range messages.Data {
		text := m.Role + ": " + m.Content
		if m.Delivery != nil {
			for _, p := range m.Delivery.Parts {
				text += " [" + p.State + "]"
			}
		}
		all = append([]string{text}, all...)
	}
	return all
}

// A burst is answered once, however often it is delivered; a voice note is declined; what became
// of the answer is in the thread. A request with one altered byte has no effect.
func TestChannel(t *testing.T) {
	for _, a := range accounts {
		t.Run(a.channel, func(t *testing.T) {
			s := open(t, a)
			check, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.hook+"?hub.mode=subscribe&hub.verify_token=v&hub.challenge=1158201444", nil)
			if err != nil {
				t.Fatal(err)
			}
			if got := send(t, check, http.StatusOK); got != "1158201444" {
				t.Errorf("got challenge %q, want 1158201444", got)
			}

			altered := a.text(s.meta, "m0", "altered")
			altered.Body[len(altered.Body)/2] ^= 1
			s.hear(t, altered, http.StatusUnauthorized)

			first, second := a.text(s.meta, "m1", "hello"), a.text(s.meta, "m2", "are you open?")
			for _, h := range []graph.Webhook{first, second, first, second, first} {
				s.hear(t, h, http.StatusOK)
			}
			until(t, "answer at Meta", func() bool { return len(s.meta.Accepted()) == 1 })
			s.hear(t, first, http.StatusOK)
			s.hear(t, a.report(s.meta, s.meta.Accepted()[0]), http.StatusOK)
			s.hear(t, a.voice(s.meta, "m3"), http.StatusOK)
			until(t, "second answer at Meta", func() bool { return len(s.meta.Accepted()) == 2 })

			want := "assistant: You said: hello\nare you open? [" + a.state + "]"
			until(t, "thread with "+want, func() bool { all := s.messages(t); return len(all) == 4 && all[1] == want })
			got := s.messages(t)
			if d := cmp.Diff("user: hello\nare you open?", got[0]); d != "" {
				t.Errorf("the burst (-want +got):\n%s", d)
			}
			if declined := s.meta.Accepted()[1].Text; !strings.Contains(got[2], "user: [") || !strings.HasPrefix(got[3], "assistant: "+declined) {
				t.Errorf("got %q, want a named voice note and the sentence %q", got[2:], declined)
			}
			if n := len(s.meta.Accepted()); n != 2 {
				t.Errorf("got %d messages at Meta, want 2", n)
			}
		})
	}
}
