package meta_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/quintet-agents/quintet/shared/channel"
	"github.com/quintet-agents/quintet/shared/channel/meta"
	"github.com/quintet-agents/quintet/shared/connection"
	"github.com/quintet-agents/quintet/tests/graph"
)

const (
	person    = "5512345678901234"
	hidden    = "US.13491208655302741918"
	pageID    = "103456789012345"
	insta     = "17841400000000001"
	pageToken = "EAApageToken"
	instToken = "IGAAinstagramToken"
)

// account returns a connection's account with its secrets.
func account(c connection.Channel, identifier, id, token string) channel.Account {
	return channel.Account{
		Connection: connection.Connection{Channel: c, Identifiers: map[string]string{identifier: id}},
		Secrets:    connection.Secrets{"access_token": token, "app_secret": "a", "verify_token": "v"},
	}
}

// world is a fake with one account of each kind, and a provider and account for each.
type world struct {
	*graph.Server

	client    *meta.Client
	providers map[string]channel.Provider
	accounts  map[string]channel.Account
}

func open(t testing.TB) world {
	t.Helper()
	s := graph.Start(t, shop)
	s.SetPage(graph.Page{ID: pageID, Token: pageToken})
	s.SetPage(graph.Page{ID: "999", Token: "EAAlinked", Instagram: "17841400000000002"})
	s.SetAccount(graph.Account{ID: insta, AppID: "2468", Token: instToken})
	c := client(s.URL)
	c.InstagramURL = s.InstagramURL
	return world{
		s, c,
		map[string]channel.Provider{
			"whatsapp": meta.WhatsApp{Client: c}, "messenger": meta.Messenger{Client: c},
			"instagram": meta.Instagram{Client: c}, "instagram of a page": meta.Instagram{Client: c},
		},
		map[string]channel.Account{
			"whatsapp":            account(connection.WhatsApp, "phone_number_id", shop.ID, token),
			"messenger":           account(connection.Messenger, "page_id", pageID, pageToken),
			"instagram":           account(connection.Instagram, "account_id", insta, instToken),
			"instagram of a page": account(connection.Instagram, "account_id", "17841400000000002", "EAAlinked"),
		},
	}
}

func (w world) send(t *testing.T, name string, m channel.Outgoing) (channel.Receipt, error) {
	t.Helper()
	return w.providers[name].Send(t.Context(), w.accounts[name], m)
}

// Each message is the documented request, to the byte.
func TestSend(t *testing.T) {
	direct := func(messagingType, text string) string {
		return `{"recipient":{"id":"` + person + `"},` + messagingType + `"message":{"text":"` + text + `"}}`
	}
	const whatsApp = `{"messaging_product":"whatsapp","recipient_type":"individual",`
	for name, c := range map[string]struct {
		provider string
		message  channel.Outgoing
		want     string
	}{
		"a text": {
			"whatsapp",
			channel.Outgoing{To: channel.Person{Address: "31612345678"}, Text: "a <b> & é 👍", Ref: "ref-1", ReplyTo: "wamid.in"},
			whatsApp + `"to":"31612345678","type":"text","context":{"message_id":"wamid.in"},"text":{"preview_url":false,"body":"a <b> & é 👍"},"biz_opaque_callback_data":"ref-1"}`,
		},
		"a number wins over a user id": {
			"whatsapp",
			channel.Outgoing{To: channel.Person{Address: "+31612345678", UserID: hidden}, Text: "x"},
			whatsApp + `"to":"31612345678","type":"text","text":{"preview_url":false,"body":"x"}}`,
		},
		"a user id alone": {
			"whatsapp",
			channel.Outgoing{To: channel.Person{UserID: hidden}, Text: "x"},
			whatsApp + `"recipient":"` + hidden + `","type":"text","text":{"preview_url":false,"body":"x"}}`,
		},
		"a user id in the place of the number": {
			"whatsapp",
			channel.Outgoing{To: channel.Person{Address: "US.ENT.123abc"}, Text: "x"},
			whatsApp + `"recipient":"US.ENT.123abc","type":"text","text":{"preview_url":false,"body":"x"}}`,
		},
		"a fallback template, late": {
			"whatsapp",
			channel.Outgoing{To: channel.Person{Address: "31612345678"}, Template: &connection.Template{Name: "hello", Language: "en"}, Late: true, Ref: "r"},
			whatsApp + `"to":"31612345678","type":"template","template":{"name":"hello","language":{"code":"en"}},"biz_opaque_callback_data":"r"}`,
		},
		"messenger":               {"messenger", channel.Outgoing{To: channel.Person{Address: person}, Text: "x", Ref: "r"}, direct(`"messaging_type":"RESPONSE",`, `x","metadata":"r`)},
		"a person on messenger":   {"messenger", channel.Outgoing{To: channel.Person{Address: person}, Text: "x", Human: true}, direct(`"messaging_type":"RESPONSE",`, "x")},
		"and late":                {"messenger", channel.Outgoing{To: channel.Person{Address: person}, Text: "x", Human: true, Late: true}, direct(`"messaging_type":"MESSAGE_TAG","tag":"HUMAN_AGENT",`, "x")},
		"instagram":               {"instagram", channel.Outgoing{To: channel.Person{Address: person}, Text: "x"}, direct(``, "x")},
		"instagram of a page":     {"instagram of a page", channel.Outgoing{To: channel.Person{Address: person}, Text: "x"}, direct(``, "x")},
		"a person on instagram":   {"instagram", channel.Outgoing{To: channel.Person{Address: person}, Text: "x", Human: true, Late: true}, direct(`"messaging_type":"MESSAGE_TAG","tag":"HUMAN_AGENT",`, "x")},
		"the longest, messenger":  {"messenger", channel.Outgoing{To: channel.Person{Address: person}, Text: strings.Repeat("é", meta.MaxMessengerText)}, direct(`"messaging_type":"RESPONSE",`, strings.Repeat("é", meta.MaxMessengerText))},
		"the longest, instagram":  {"instagram", channel.Outgoing{To: channel.Person{Address: person}, Text: strings.Repeat("é", meta.MaxInstagramText/2)}, direct(``, strings.Repeat("é", meta.MaxInstagramText/2))},
		"the longest of whatsapp": {"whatsapp", channel.Outgoing{To: channel.Person{Address: "31612345678"}, Text: strings.Repeat("é", meta.MaxWhatsAppText)}, whatsApp + `"to":"31612345678","type":"text","text":{"preview_url":false,"body":"` + strings.Repeat("é", meta.MaxWhatsAppText) + `"}}`},
	} {
		t.Run(name, func(t *testing.T) {
			w := open(t)
			w.AddTemplate(shop.ID, graph.Template{Name: "hello", Language: "en", Body: "Hello"})
			got, err := w.send(t, c.provider, c.message)
			accepted := w.Accepted()
			if err != nil || len(accepted) != 1 || string(accepted[0].Body) != c.want {
				t.Fatalf("got %v, %+v, want %s", err, accepted, c.want)
			}
			if got.MessageID != accepted[0].ID || !json.Valid(got.Body) || got.ContactID+got.UserID != accepted[0].To {
				t.Errorf("got %+v, want the receipt of %+v", got, accepted[0])
			}
		})
	}
}

// What Meta would refuse anyway is refused without a request; the rest has the kind of
// Meta's code, and nothing shows a token.
func TestSend_Refused(t *testing.T) {
	to := channel.Person{Address: person}
	late := func(service string) channel.SendError {
		return channel.SendError{Kind: channel.WindowClosed, Message: "The person's last message is over 24 hours old; " + service + " allows no answer to it"}
	}
	for name, c := range map[string]struct {
		provider string
		prepare  func(w world)
		message  channel.Outgoing
		want     channel.SendError
	}{
		"whatsapp, late":            {"whatsapp", nil, channel.Outgoing{To: to, Text: "x", Late: true}, late("WhatsApp")},
		"a person too":              {"whatsapp", nil, channel.Outgoing{To: to, Text: "x", Late: true, Human: true}, late("WhatsApp")},
		"messenger, late":           {"messenger", nil, channel.Outgoing{To: to, Text: "x", Late: true}, late("Messenger")},
		"instagram, late":           {"instagram", nil, channel.Outgoing{To: to, Text: "x", Late: true}, late("Instagram")},
		"nobody":                    {"whatsapp", nil, channel.Outgoing{To: channel.Person{Name: "Ann"}, Text: "x"}, channel.SendError{Kind: channel.Rejected, Message: "The person has neither a phone number nor a user id of WhatsApp"}},
		"nobody on messenger":       {"messenger", nil, channel.Outgoing{Text: "x"}, channel.SendError{Kind: channel.Rejected, Message: "The person has no id of Messenger"}},
		"a template":                {"messenger", nil, channel.Outgoing{To: to, Template: &connection.Template{Name: "x"}}, channel.SendError{Kind: channel.Rejected, Message: "Messenger has no templates that may be sent at any time"}},
		"too long":                  {"whatsapp", nil, channel.Outgoing{To: to, Text: strings.Repeat("x", 4097)}, channel.SendError{Kind: channel.Rejected, Code: 100, Message: "(#100) Invalid parameter", Details: "body.text.body must be at most 4096 characters"}},
		"too long for messenger":    {"messenger", nil, channel.Outgoing{To: to, Text: strings.Repeat("x", 2000)}, channel.SendError{Kind: channel.Rejected, Code: 100, Message: "(#100) Invalid parameter", Details: "body.message.text must be at most 1999 characters"}},
		"too long for instagram":    {"instagram", nil, channel.Outgoing{To: to, Text: strings.Repeat("é", 501)}, channel.SendError{Kind: channel.Rejected, Code: 100, Message: "(#100) Invalid parameter", Details: "body.message.text must be at most 1000 bytes"}},
		"outside the window":        {"whatsapp", func(w world) { w.Close(person) }, channel.Outgoing{To: to, Text: "x"}, channel.SendError{Kind: channel.WindowClosed, Code: 131047, Message: "(#131047) Re-engagement message", Details: "More than 24 hours have passed since the customer last replied to this number"}},
		"outside, messenger":        {"messenger", func(w world) { w.Close(person) }, channel.Outgoing{To: to, Text: "x"}, channel.SendError{Kind: channel.WindowClosed, Code: 10, Message: "(#10) This message is sent outside of allowed window."}},
		"outside, instagram":        {"instagram of a page", func(w world) { w.Close(person) }, channel.Outgoing{To: to, Text: "x"}, channel.SendError{Kind: channel.WindowClosed, Code: 10, Message: "(#10) This message is sent outside of allowed window."}},
		"blocked":                   {"whatsapp", func(w world) { w.Block(person) }, channel.Outgoing{To: to, Text: "x"}, channel.SendError{Kind: channel.Undeliverable, Code: 131026, Message: "(#131026) Message undeliverable"}},
		"blocked on messenger":      {"messenger", func(w world) { w.Block(person) }, channel.Outgoing{To: to, Text: "x"}, channel.SendError{Kind: channel.Undeliverable, Code: 551, Message: "(#551) This person isn't available right now."}},
		"a token that ended":        {"instagram", func(w world) { w.SetGrant(instToken, graph.Grant{Invalid: "Session has expired: " + instToken}) }, channel.Outgoing{To: to, Text: "x"}, channel.SendError{Kind: channel.Stopped, Code: 190, Message: "Error validating access token: Session has expired: [access token]", Action: renew}},
		"the page's token ended":    {"instagram of a page", func(w world) { w.SetGrant("EAAlinked", graph.Grant{Invalid: "Session has expired"}) }, channel.Outgoing{To: to, Text: "x"}, channel.SendError{Kind: channel.Stopped, Code: 190, Message: "Error validating access token: Session has expired", Action: renew}},
		"a sent one with an error":  {"messenger", func(w world) { w.Lose(graph.ErrorIn(400, 1, 1357046, "Received invalid JSON reply.")) }, channel.Outgoing{To: to, Text: "x"}, channel.SendError{Kind: channel.Unknown, Code: 1, Message: "Received invalid JSON reply."}},
		"a page that is restricted": {"messenger", func(w world) { w.Refuse(graph.ErrorIn(403, 10, 1893063, "The page is restricted.")) }, channel.Outgoing{To: to, Text: "x"}, channel.SendError{Kind: channel.Stopped, Code: 10, Message: "The page is restricted.", Action: "Wait until Meta lifts the restriction of the page; its support inbox shows until when."}},
		"late under the bare code": {"messenger", func(w world) {
			w.Refuse(graph.Error(400, 10, "(#10) This message is sent outside of allowed window."))
		}, channel.Outgoing{To: to, Text: "x"}, channel.SendError{Kind: channel.WindowClosed, Code: 10, Message: "(#10) This message is sent outside of allowed window."}},
		"a tag that the app may not use": {"messenger", func(w world) {
			w.Refuse(graph.Error(400, 10, "(#10) Application does not have permission for this action"))
		}, channel.Outgoing{To: to, Text: "x", Late: true, Human: true}, channel.SendError{
			Kind: channel.Rejected, Code: 10, Message: "(#10) Application does not have permission for this action",
			Action: "Give the access token's user the permission that Meta names, make a new token with it, and rotate the connection's credentials.",
		}},
		"too many":       {"messenger", func(w world) { w.Refuse(graph.Error(400, 613, "Calls to this api have exceeded the rate limit.")) }, channel.Outgoing{To: to, Text: "x"}, channel.SendError{Kind: channel.Throttled, Code: 613, Message: "Calls to this api have exceeded the rate limit."}},
		"cut off before": {"messenger", func(w world) { w.Refuse(graph.HangUp) }, channel.Outgoing{To: to, Text: "x"}, channel.SendError{Kind: channel.Unknown, Message: "The answer of Messenger was lost; the message may have been sent"}},
		"cut off after":  {"instagram", func(w world) { w.Lose(graph.HangUp) }, channel.Outgoing{To: to, Text: "x"}, channel.SendError{Kind: channel.Unknown, Message: "The answer of Instagram was lost; the message may have been sent"}},
		"down":           {"whatsapp", func(w world) { w.Down() }, channel.Outgoing{To: to, Text: "x"}, channel.SendError{Kind: channel.Unsent, Message: "WhatsApp could not be reached; nothing was sent"}},
	} {
		t.Run(name, func(t *testing.T) {
			w := open(t)
			if c.prepare != nil {
				c.prepare(w)
			}
			_, err := w.send(t, c.provider, c.message)
			got := failureOf(t, err)
			for _, secret := range []string{token, pageToken, instToken, "EAAlinked"} {
				if strings.Contains(err.Error(), secret) {
					t.Errorf("the error shows a token: %v", err)
				}
			}
			got.Err = nil
			if d := cmp.Diff(c.want, got); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

// A throttled send says how long Meta asks to wait.
func TestSend_Throttled(t *testing.T) {
	w := open(t)
	m := channel.Outgoing{To: channel.Person{Address: person}, Text: "x"}
	for name := range w.providers {
		w.Refuse(graph.Throttle(30))
		_, err := w.send(t, name, m)
		if got := failureOf(t, err); got.Kind != channel.Throttled || got.RetryAfter != 30*time.Second {
			t.Errorf("%s: got %v after %s, want Throttled after 30s", name, got, got.RetryAfter)
		}
	}
}

// An outage ends: what was not sent can be sent then.
func TestSend_AfterOutage(t *testing.T) {
	w := open(t)
	m := channel.Outgoing{To: channel.Person{Address: person}, Text: "x"}
	w.Down()
	if _, err := w.send(t, "messenger", m); failureOf(t, err).Kind != channel.Unsent {
		t.Errorf("down: got %v, want Unsent", err)
	}
	w.Up(t)
	if _, err := w.send(t, "messenger", m); err != nil || len(w.Accepted()) != 1 {
		t.Errorf("up: got %v and %d messages", err, len(w.Accepted()))
	}
}

// The page behind a token is asked for once.
func TestInstagram_PageOnce(t *testing.T) {
	asked := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/v25.0/me":
			asked++
			w.WriteHeader(http.StatusBadRequest)
			_, _ = w.Write([]byte(`{"error":{"code":100,"message":"(#100) Tried accessing nonexisting field"}}`))
		case "/v25.0/7/messages":
			_, _ = w.Write([]byte(`{"recipient_id":"1","message_id":"m"}`))
		default:
			t.Errorf("got %s", r.URL)
		}
	}))
	t.Cleanup(server.Close)
	p := meta.Instagram{Client: client(server.URL)}
	for range 2 {
		if _, err := p.Send(t.Context(), account(connection.Instagram, "account_id", "7", "EAAuser"), channel.Outgoing{To: channel.Person{Address: "1"}, Text: "x"}); err != nil {
			t.Error(err)
		}
	}
	if asked != 1 {
		t.Errorf("asked %d times, want 1", asked)
	}
}

// An answer is cut at the limit of its channel, in the channel's unit.
func TestSplit(t *testing.T) {
	w := open(t)
	text := strings.Repeat("é", 2*meta.MaxWhatsAppText)
	for name, want := range map[string]int{"whatsapp": 2, "messenger": 5, "instagram": 17} {
		parts := w.providers[name].Split(text)
		if len(parts) != want || strings.Join(parts, "") != text {
			t.Errorf("%s: got %d parts, want %d", name, len(parts), want)
		}
		to := channel.Person{Address: person}
		if _, err := w.send(t, name, channel.Outgoing{To: to, Text: parts[0]}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestTyping(t *testing.T) {
	w := open(t)
	for _, name := range []string{"whatsapp", "messenger", "instagram"} {
		m := channel.Inbound{ID: "wamid.in", From: channel.Person{Address: person}}
		if err := w.providers[name].Typing(t.Context(), w.accounts[name], m); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	want := []graph.Typed{
		{AccountID: shop.ID, MessageID: "wamid.in", Action: "read", Indicator: true},
		{AccountID: pageID, Person: person, Action: "mark_seen"},
		{AccountID: pageID, Person: person, Action: "typing_on"},
		{AccountID: insta, Person: person, Action: "mark_seen"},
		{AccountID: insta, Person: person, Action: "typing_on"},
	}
	if d := cmp.Diff(want, w.Typed()); d != "" || len(w.Accepted()) != 0 {
		t.Errorf("(-want +got):\n%s", d)
	}
	w.Always(graph.Error(400, 613, "slow down"))
	for name, p := range w.providers {
		if err := p.Typing(t.Context(), w.accounts[name], channel.Inbound{ID: "wamid.in", From: channel.Person{Address: person}}); failureOf(t, err).Kind != channel.Throttled {
			t.Errorf("%s: got %v, want Throttled", name, err)
		}
	}
}
