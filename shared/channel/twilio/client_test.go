package twilio_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/quintet-agents/quintet/shared/channel"
	"github.com/quintet-agents/quintet/shared/channel/twilio"
	"github.com/quintet-agents/quintet/shared/connection"
	"github.com/quintet-agents/quintet/shared/delivery/outbound"
	fake "github.com/quintet-agents/quintet/tests/twilio"
)

const (
	base    = "https://api.example.com/prod"
	ann     = "+15550001111"
	content = "HX00000000000000000000000000000001"
)

func client(url string) *twilio.Client {
	guard := outbound.NewGuard([]netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")})
	return twilio.NewClient(outbound.NewHTTPClient(guard, nil), url, base)
}

// connected returns a connection to the account over a sender.
func connected(from string) channel.Account {
	return channel.Account{
		Connection: connection.Connection{ID: "c-1", Channel: connection.Twilio, Identifiers: map[string]string{"account_sid": account.SID, "from": from}},
		Secrets:    connection.Secrets{"auth_token": account.Token},
	}
}

// start runs the fake with the account and senders.
func start(t *testing.T, senders ...fake.Sender) *fake.Server {
	t.Helper()
	a := account
	a.Senders, a.Contents = senders, []string{content}
	return fake.Start(t, a)
}

func failureOf(t *testing.T, err error) channel.SendError {
	t.Helper()
	f, ok := errors.AsType[*channel.SendError](err)
	if !ok {
		t.Fatalf("got %v, want a *channel.SendError", err)
	}
	return *f
}

// Each message is accepted by the strict fake as it was meant.
func TestSend(t *testing.T) {
	const callback = base + "/api/webhooks/twilio/c-1?ref=r+%26%C3%A9"
	for name, c := range map[string]struct {
		from    string
		message channel.Outgoing
		want    fake.Accepted
	}{
		"SMS":                       {"+15551234567", channel.Outgoing{To: channel.Person{Address: ann}, Text: "é & =+%"}, fake.Accepted{From: "+15551234567", To: ann, Body: "é & =+%"}},
		"a short code":              {"12345", channel.Outgoing{To: channel.Person{Address: ann}, Text: "x"}, fake.Accepted{From: "12345", To: ann, Body: "x"}},
		"the longest":               {"+15551234567", channel.Outgoing{To: channel.Person{Address: ann}, Text: strings.Repeat("🌷", 800)}, fake.Accepted{From: "+15551234567", To: ann, Body: strings.Repeat("🌷", 800)}},
		"WhatsApp":                  {"whatsapp:+15551234567", channel.Outgoing{To: channel.Person{Address: "whatsapp:" + ann, UserID: "US.1"}, Text: "x"}, fake.Accepted{From: "whatsapp:+15551234567", To: "whatsapp:" + ann, Body: "x"}},
		"a bare number":             {"whatsapp:+15551234567", channel.Outgoing{To: channel.Person{Address: ann}, Text: "x"}, fake.Accepted{From: "whatsapp:+15551234567", To: "whatsapp:" + ann, Body: "x"}},
		"a user id":                 {"whatsapp:+15551234567", channel.Outgoing{To: channel.Person{UserID: "US.13491208655302741918"}, Text: "x"}, fake.Accepted{From: "whatsapp:+15551234567", To: "whatsapp:US.13491208655302741918", Body: "x"}},
		"a template with variables": {"whatsapp:+15551234567", channel.Outgoing{To: channel.Person{Address: "whatsapp:" + ann}, Template: &connection.Template{ContentSID: content, Variables: map[string]string{"2": "Käse", "1": "\"Ann\""}}}, fake.Accepted{From: "whatsapp:+15551234567", To: "whatsapp:" + ann, ContentSID: content, ContentVariables: `{"1":"\"Ann\"","2":"Käse"}`}},
		"a template":                {"whatsapp:+15551234567", channel.Outgoing{To: channel.Person{Address: "whatsapp:" + ann}, Template: &connection.Template{ContentSID: content}}, fake.Accepted{From: "whatsapp:+15551234567", To: "whatsapp:" + ann, ContentSID: content}},
		"RCS":                       {"rcs:shop", channel.Outgoing{To: channel.Person{Address: "rcs:" + ann}, Text: "x"}, fake.Accepted{From: "rcs:shop", To: "rcs:" + ann, Body: "x"}},
		"a messaging service":       {shop, channel.Outgoing{To: channel.Person{Address: ann}, Text: "x"}, fake.Accepted{From: shop, To: ann, Body: "x"}},
		"WhatsApp by a service":     {shop, channel.Outgoing{To: channel.Person{UserID: "US.1"}, Text: "x"}, fake.Accepted{From: shop, To: "whatsapp:US.1", Body: "x"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := start(t, fake.Sender{From: c.from})
			c.message.Ref = "r &é"
			got, err := client(s.URL).Send(t.Context(), connected(c.from), c.message)
			if err != nil {
				t.Fatal(err)
			}
			accepted := s.Accepted()
			c.want.SID, c.want.Account, c.want.StatusCallback = got.MessageID, account.SID, callback
			if d := cmp.Diff([]fake.Accepted{c.want}, accepted); d != "" || got.MessageID == "" || !json.Valid(got.Body) {
				t.Fatalf("%+v (-want +got)\n%s", got, d)
			}
			webhook, ok := s.Report(accepted[0], "sent", 0)
			if err := verify(secrets, webhook); !ok || err != nil {
				t.Fatalf("the status callback: got %t, %v, want it accepted", ok, err)
			}
			status := parsed(t, c.from, webhook)
			if status.Account != c.from || status.Status == nil || status.Status.Ref != "r &é" || status.Status.MessageID != got.MessageID {
				t.Errorf("got %+v, want a status of the message", status)
			}
		})
	}
}

func parsed(t *testing.T, from string, w fake.Webhook) channel.Update {
	t.Helper()
	r, err := http.NewRequest(http.MethodPost, w.URL, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	all, err := twilio.Parse(from, w.Header.Get("Content-Type"), r.URL.Query(), w.Body)
	if err != nil || len(all) != 1 {
		t.Fatalf("got %+v, %v, want one update", all, err)
	}
	return all[0]
}

// The callback is below the connection's own URL; without any URL there is none.
func TestSend_Callback(t *testing.T) {
	s := start(t, fake.Sender{From: "+15551234567"})
	own := connected("+15551234567")
	own.Settings.PublicURL = "https://chat.example.com"
	message := channel.Outgoing{To: channel.Person{Address: ann}, Text: "x", Ref: "r"}
	guard := outbound.NewGuard([]netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")})
	unknown := twilio.NewClient(outbound.NewHTTPClient(guard, nil), s.URL+"/", "")
	for _, c := range []struct {
		client *twilio.Client
		from   channel.Account
		want   string
	}{
		{client(s.URL), own, "https://chat.example.com/api/webhooks/twilio/c-1?ref=r"},
		{unknown, own, "https://chat.example.com/api/webhooks/twilio/c-1?ref=r"},
		{unknown, connected("+15551234567"), ""},
	} {
		if _, err := c.client.Send(t.Context(), c.from, message); err != nil {
			t.Fatal(err)
		}
		if got := s.Accepted()[len(s.Accepted())-1].StatusCallback; got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}

// A failure has the kind of Twilio's code, Twilio's own text, and no token.
func TestSend_Refused(t *testing.T) {
	s := start(t, fake.Sender{From: "+15551234567"}, fake.Sender{From: "+15557654321", NoSMS: true})
	s.OptOut("+15550002222")
	to := func(address string) channel.Outgoing {
		return channel.Outgoing{To: channel.Person{Address: address}, Text: "x"}
	}
	wrong, odd := connected("+15551234567"), connected("+15551234567")
	wrong.Secrets = connection.Secrets{"auth_token": "another-token"}
	odd.Identifiers = map[string]string{"account_sid": "AC/../x", "from": "+15551234567"}
	for name, c := range map[string]struct {
		from    channel.Account
		message channel.Outgoing
		want    channel.SendError
	}{
		"a wrong token":      {wrong, to(ann), channel.SendError{Kind: channel.Stopped, Code: 20003, Message: "Authenticate"}},
		"no such number":     {connected("+15559999999"), to(ann), channel.SendError{Kind: channel.Stopped, Code: 21606, Message: "The 'From' phone number provided (+15559999999) is not a valid message-capable Twilio phone number for this destination"}},
		"a number for calls": {connected("+15557654321"), to(ann), channel.SendError{Kind: channel.Stopped, Code: 21661, Message: "The 'From' number +15557654321 is not SMS-capable"}},
		"no such service":    {connected(shop), to(ann), channel.SendError{Kind: channel.Stopped, Code: 21701, Message: "The Messaging Service " + shop + " does not exist"}},
		"an invalid number":  {connected("+15551234567"), to("5550001111"), channel.SendError{Kind: channel.Undeliverable, Code: 21211, Message: "The 'To' number 5550001111 is not a valid phone number."}},
		"opted out":          {connected("+15551234567"), to("+15550002222"), channel.SendError{Kind: channel.Undeliverable, Code: 21610, Message: "Attempt to send to unsubscribed recipient", OptedOut: true}},
		"a long text":        {connected("+15551234567"), channel.Outgoing{To: channel.Person{Address: ann}, Text: strings.Repeat("x", 1601)}, channel.SendError{Kind: channel.Rejected, Code: 21617, Message: "The concatenated message body exceeds the 1600 character limit"}},
		"no recipient":       {connected("+15551234567"), to(""), channel.SendError{Kind: channel.Rejected, Message: "The message has no recipient"}},
		"an odd account":     {odd, to(ann), channel.SendError{Kind: channel.Rejected, Message: "The connection's account_sid must be AC and 32 hexadecimal digits"}},
		"another template":   {connected("+15551234567"), channel.Outgoing{To: channel.Person{Address: ann}, Template: &connection.Template{ContentSID: "HX0"}}, channel.SendError{Kind: channel.Rejected, Code: 21655, Message: "The ContentSid is Invalid"}},
	} {
		_, err := client(s.URL).Send(t.Context(), c.from, c.message)
		got := failureOf(t, err)
		if (got.Action != "") != (got.Kind == channel.Stopped) {
			t.Errorf("%s: got the action %q, want one if the account must be corrected", name, got.Action)
		}
		got.Err, got.Action = nil, ""
		if d := cmp.Diff(c.want, got); d != "" {
			t.Errorf("%s: (-want +got)\n%s", name, d)
		}
		if strings.Contains(fmt.Sprint(err), c.from.Secrets["auth_token"]) {
			t.Errorf("%s: the error shows the token: %v", name, err)
		}
	}
	if n := len(s.Accepted()); n != 0 {
		t.Errorf("got %d messages sent, want none", n)
	}
}

// Only a request that never left is Unsent; after that a lost response is Unknown.
func TestSend_LostResponse(t *testing.T) {
	s := start(t, fake.Sender{From: "+15551234567"})
	c, from, message := client(s.URL), connected("+15551234567"), channel.Outgoing{To: channel.Person{Address: ann}, Text: "x"}
	if _, err := c.Send(t.Context(), from, message); err != nil {
		t.Fatal(err) // the next sends reuse its connection
	}
	page := func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "<html>", http.StatusBadGateway) }
	for name, reply := range map[string]fake.Reply{"hung up": fake.HangUp, "a gateway's page": page, "Twilio's own fault": fake.Error(500, 20500, "An internal server error has occurred")} {
		before := len(s.Accepted())
		s.Lose(reply)
		_, err := c.Send(t.Context(), from, message)
		if got := failureOf(t, err); got.Kind != channel.Unknown || len(s.Accepted()) != before+1 {
			t.Errorf("%s: got %v and %d messages, want Unknown and one more than %d", name, got, len(s.Accepted()), before)
		}
	}
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	for name, url := range map[string]string{"nobody listens": closed.URL, "a private address": "http://10.0.0.1", "no URL": "http://a b"} {
		_, err := client(url).Send(t.Context(), from, message)
		if got := failureOf(t, err); got.Kind != channel.Unsent || strings.Contains(got.Message, "10.0.0.1") {
			t.Errorf("%s: got %v, want Unsent without an address", name, got)
		}
	}
}

// Each answer has a kind, whatever it is.
func TestSend_Answers(t *testing.T) {
	for name, c := range map[string]struct {
		status int
		after  string
		body   string
		kind   channel.Kind
		wait   time.Duration
	}{
		"too many requests":         {429, "7", `{"code":20429,"message":"Too Many Requests"}`, channel.Throttled, 7 * time.Second},
		"throttled without a body":  {429, "", ``, channel.Throttled, 0},
		"a wait that is none":       {429, "soon", ``, channel.Throttled, 0},
		"no wait heals a token":     {401, "7", `{"code":20003}`, channel.Stopped, 0},
		"forbidden":                 {403, "", `<html>`, channel.Stopped, 0},
		"the window":                {400, "", `{"code":63016,"message":"m"}`, channel.WindowClosed, 0},
		"a region":                  {400, "", `{"code":21408,"message":"m"}`, channel.Undeliverable, 0},
		"a code as a text":          {400, "", `{"code":"21211"}`, channel.Rejected, 0},
		"a new code":                {400, "", `{"code":99999}`, channel.Rejected, 0},
		"not found":                 {404, "", `{"code":20404}`, channel.Rejected, 0},
		"a redirect":                {307, "", ``, channel.Rejected, 0},
		"unavailable":               {503, "", `{"code":20503}`, channel.Unknown, 0},
		"no JSON":                   {201, "", `OK`, channel.Unknown, 0},
		"no message":                {201, "", `{}`, channel.Unknown, 0},
		"another shape":             {201, "", `{"sid":1}`, channel.Unknown, 0},
		"an endless answer":         {201, "", `{"sid":"` + strings.Repeat("x", 1<<20) + `"}`, channel.Unknown, 0},
		"failed at once":            {201, "", `{"sid":"SM1","status":"failed","error_code":30003,"error_message":"m"}`, channel.Undeliverable, 0},
		"failed without its reason": {201, "", `{"sid":"SM1","status":"failed","error_code":null}`, channel.Rejected, 0},
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				if c.after != "" {
					w.Header().Set("Retry-After", c.after)
				}
				w.WriteHeader(c.status)
				_, _ = w.Write([]byte(c.body))
			}))
			t.Cleanup(server.Close)
			_, err := client(server.URL).Send(t.Context(), connected("+15551234567"), channel.Outgoing{To: channel.Person{Address: ann}, Text: "x"})
			if got := failureOf(t, err); got.Kind != c.kind || got.RetryAfter != c.wait || got.Message == "" {
				t.Errorf("got %v after %s, want %s after %s", got, got.RetryAfter, c.kind, c.wait)
			}
		})
	}
}

func TestSplit(t *testing.T) {
	text := strings.Repeat("🌷 ", 1000)
	got := client("http://127.0.0.1").Split(text)
	if len(got) != 2 || len([]rune(strings.Join(got, "")))*2 < 3000 {
		t.Errorf("got %d parts, want 2", len(got))
	}
}

func TestTyping(t *testing.T) {
	const id = "SM00000000000000000000000000000001"
	s := start(t, fake.Sender{From: "whatsapp:+15551234567"})
	c, from := client(s.URL), connected("whatsapp:+15551234567")
	for _, p := range []channel.Person{{Address: "whatsapp:" + ann}, {UserID: "US.1"}, {Address: ann}, {Address: "rcs:" + ann}} {
		if err := c.Typing(t.Context(), from, channel.Inbound{ID: id, From: p}); err != nil {
			t.Errorf("%+v: %v", p, err)
		}
	}
	if d := cmp.Diff([]string{id, id}, s.Typed()); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
	if err := c.Typing(t.Context(), from, channel.Inbound{ID: "x", From: channel.Person{UserID: "US.1"}}); failureOf(t, err).Kind != channel.Rejected {
		t.Errorf("got %v, want Rejected", err)
	}
}

// A file comes from another host, which gets no credentials.
func TestFetch(t *testing.T) {
	s := start(t)
	c, from := client(s.URL), connected("+15551234567")
	address := s.AddMedia(account.SID, "image/png; x=y", []byte("12345"))
	production := strings.Replace(address, s.URL, "https://api.twilio.com", 1)
	for _, u := range []string{address, production} {
		data, kind, err := c.Fetch(t.Context(), from, channel.Media{URL: u}, 5)
		if string(data) != "12345" || kind != "image/png" || err != nil {
			t.Errorf("%s: got %q, %q, %v", u, data, kind, err)
		}
	}
	if _, _, err := c.Fetch(t.Context(), from, channel.Media{URL: address}, 4); failureOf(t, err).Kind != channel.Rejected {
		t.Errorf("a large file: got %v, want Rejected", err)
	}
	other := strings.Replace(address, account.SID, "AC00000000000000000000000000000002", 1)
	for name, u := range map[string]string{
		"another account": other, "another path": s.URL + "/2010-04-01/Accounts/" + account.SID + ".json", "no file": strings.Replace(address, "Media/ME0", "Media/ME1", 1),
		"a path above": address + "/../../x", "an escape": strings.Replace(address, "/Media/", "%2fMedia/", 1), "no URL": "http://a b", "nothing": "",
	} {
		if _, _, err := c.Fetch(t.Context(), from, channel.Media{URL: u}, 5); failureOf(t, err).Kind != channel.Rejected {
			t.Errorf("%s: got %v, want Rejected", name, err)
		}
	}
}

// The URL that Twilio redirects to is signed, and no log shows its query.
func TestFetch_SignedURL(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "https://127.0.0.1:1/file?signature=s3cret", http.StatusTemporaryRedirect)
	}))
	defer server.Close()
	path := "/2010-04-01/Accounts/" + account.SID + "/Messages/MM" + strings.Repeat("0", 32) + "/Media/ME" + strings.Repeat("0", 32)
	_, _, err := client(server.URL).Fetch(t.Context(), connected("+15551234567"), channel.Media{URL: server.URL + path}, 5)
	if got := fmt.Sprint(err); !strings.Contains(got, "127.0.0.1:1") || strings.Contains(got, "s3cret") {
		t.Errorf("got %q, want the host without the query", got)
	}
}

// Redirects end, and lead to no unsafe scheme.
func TestFetch_Redirects(t *testing.T) {
	for name, location := range map[string]string{"for ever": "", "a file": "file:///etc/passwd"} {
		requests := 0
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			requests++
			w.Header().Set("Location", location)
			if location == "" {
				w.Header().Set("Location", r.URL.Path)
			}
			w.WriteHeader(http.StatusTemporaryRedirect)
		}))
		path := "/2010-04-01/Accounts/" + account.SID + "/Messages/MM" + strings.Repeat("0", 32) + "/Media/ME" + strings.Repeat("0", 32)
		_, _, err := client(server.URL).Fetch(t.Context(), connected("+15551234567"), channel.Media{URL: server.URL + path}, 5)
		if failureOf(t, err).Kind != channel.Rejected || requests > 4 {
			t.Errorf("%s: got %v after %d requests, want Rejected", name, err, requests)
		}
		server.Close()
	}
}
