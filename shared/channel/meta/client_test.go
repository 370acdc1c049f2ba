package meta_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/quintet-agents/quintet/shared/channel"
	"github.com/quintet-agents/quintet/shared/channel/meta"
	"github.com/quintet-agents/quintet/shared/delivery/outbound"
	"github.com/quintet-agents/quintet/tests/graph"
)

const (
	token = "EAAsecret"
	renew = "Make a new access token in Meta's business settings and rotate the connection's credentials."
)

var (
	sender = channel.Sender{PhoneNumberID: "106540352242922", Token: token}
	shop   = graph.Number{
		ID: sender.PhoneNumberID, AccountID: "215589313241560883", Token: token,
		Templates: []graph.Template{
			{Name: "order", Language: "en", Body: "Order {{1}}"},
			{Name: "order_update", Language: "en", Format: "TEXT", Header: "Hi", Body: "Order {{1}}", Footer: "Bye", Buttons: []graph.Label{{Type: "URL", Text: "Track"}}},
		},
	}
)

func client(url string) *meta.Client { return versioned(url, meta.DefaultVersion) }

func versioned(url, version string) *meta.Client {
	guard := outbound.NewGuard([]netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")})
	return meta.NewClient(outbound.NewHTTPClient(guard, nil), url, version)
}

func order(to, value string) channel.Message {
	return channel.Message{To: to, Ref: "ref-1", Template: channel.Template{
		Name: "order", Language: "en",
		Components: []channel.Component{{Type: channel.Body, Raw: json.RawMessage(`{"type":"body","parameters":[{"type":"text","text":"` + value + `"}]}`)}},
	}}
}

// The request is the documented one, to the byte, and the answer comes back unchanged.
func TestSendTemplate(t *testing.T) {
	s := graph.Start(t, shop)
	s.Contact("5511987654321", "551187654321")
	got, err := client(s.URL).SendTemplate(t.Context(), sender, order("5511987654321", "<&> caf\\u00e9"))
	if err != nil {
		t.Fatal(err)
	}
	const request = `{"messaging_product":"whatsapp","recipient_type":"individual","to":"5511987654321","type":"template",` +
		`"template":{"name":"order","language":{"code":"en"},"components":[{"type":"body","parameters":[{"type":"text","text":"<&> caf\u00e9"}]}]},` +
		`"biz_opaque_callback_data":"ref-1"}`
	accepted := s.Accepted()
	if len(accepted) != 1 || string(accepted[0].Body) != request {
		t.Errorf("sent %+v, want %s", accepted, request)
	}
	const answer = `{"contacts":[{"input":"5511987654321","wa_id":"551187654321"}],"messages":[{"id":"wamid.HBgL00000001","message_status":"accepted"}],"messaging_product":"whatsapp"}`
	want := channel.Receipt{Body: json.RawMessage(answer + "\n"), MessageID: "wamid.HBgL00000001", ContactID: "551187654321"}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

// A template without parameters has no components, and a held message says so.
func TestSendTemplate_HeldAndBare(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var body map[string]map[string]any
		if _ = json.NewDecoder(r.Body).Decode(&body); body["template"]["components"] != nil {
			t.Errorf("got %v, want no components", body)
		}
		_, _ = w.Write([]byte(`{"messages":[{"id":"wamid.1","message_status":"held_for_quality_assessment"}],"contacts":[{"input":"x","user_id":"US.1"}]}`))
	}))
	t.Cleanup(server.Close)
	got, err := client(server.URL).SendTemplate(t.Context(), sender, channel.Message{To: "31612345678", Template: channel.Template{Name: "hello", Language: "en"}})
	if err != nil || !got.Held || got.ContactID != "" {
		t.Errorf("got %+v, %v", got, err)
	}
}

// A failure has the kind of Meta's code, Meta's own text, and no token.
func TestSendTemplate_Refused(t *testing.T) {
	s := graph.Start(t, shop)
	stranger := sender
	stranger.Token = "EAAother"
	for name, c := range map[string]struct {
		from    channel.Sender
		message channel.Message
		want    channel.SendError
	}{
		"a malformed token":  {stranger, order("31612345678", "1"), channel.SendError{Kind: channel.Stopped, Code: 190, Message: "Malformed access token [access token]", Action: renew}},
		"an unknown number":  {channel.Sender{PhoneNumberID: "1", Token: token}, order("31612345678", "1"), channel.SendError{Kind: channel.Rejected, Code: 100, Message: "Object with ID '1' does not exist"}},
		"an id with a slash": {channel.Sender{PhoneNumberID: "1/../2", Token: token}, order("31612345678", "1"), channel.SendError{Kind: channel.Rejected, Message: "The connection's id at Meta must be a number"}},
		"an empty id":        {channel.Sender{Token: token}, order("31612345678", "1"), channel.SendError{Kind: channel.Rejected, Message: "The connection's id at Meta must be a number"}},
		"no parameter": {
			sender,
			channel.Message{To: "31612345678", Template: channel.Template{Name: "order", Language: "en"}},
			channel.SendError{
				Kind: channel.Rejected, Code: 132000, Message: "(#132000) Number of parameters does not match the expected number of params",
				Details: "body: number of localizable_params (0) does not match the expected number of params (1)",
			},
		},
		"an unknown template": {
			sender,
			channel.Message{To: "31612345678", Template: channel.Template{Name: "gone", Language: "en"}},
			channel.SendError{Kind: channel.Rejected, Code: 132001, Message: "(#132001) Template name does not exist in the translation", Details: "template name (gone) does not exist in en"},
		},
	} {
		_, err := client(s.URL).SendTemplate(t.Context(), c.from, c.message)
		got := failureOf(t, err)
		if strings.Contains(err.Error(), c.from.Token) && c.from.Token != "" {
			t.Errorf("%s: the error shows the token: %v", name, err)
		}
		got.Err = nil
		if d := cmp.Diff(c.want, got); d != "" {
			t.Errorf("%s: (-want +got):\n%s", name, d)
		}
	}
	if n := len(s.Accepted()); n != 0 {
		t.Errorf("%d messages were sent", n)
	}
}

// Only a request that never left is Unsent; after that a lost response is Unknown.
func TestSendTemplate_LostResponse(t *testing.T) {
	s := graph.Start(t, shop)
	c := client(s.URL)
	if _, err := c.SendTemplate(t.Context(), sender, order("31612345678", "1")); err != nil {
		t.Fatal(err) // the next sends reuse its connection
	}
	page := func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "<html>", http.StatusBadGateway) }
	for name, reply := range map[string]graph.Reply{"hung up": graph.HangUp, "a gateway's page": page} {
		before := len(s.Accepted())
		s.Lose(reply)
		_, err := c.SendTemplate(t.Context(), sender, order("31612345678", "1"))
		if got := failureOf(t, err); got.Kind != channel.Unknown || len(s.Accepted()) != before+1 {
			t.Errorf("%s: got %v and %d messages, want Unknown and one more message than %d", name, got, len(s.Accepted()), before)
		}
	}
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	for name, url := range map[string]string{"nobody listens": closed.URL, "a private address": "http://10.0.0.1", "no URL": "http://a b"} {
		_, err := client(url).SendTemplate(t.Context(), sender, order("31612345678", "1"))
		if got := failureOf(t, err); got.Kind != channel.Unsent || strings.Contains(got.Message, "10.0.0.1") {
			t.Errorf("%s: got %v, want Unsent without an address", name, got)
		}
	}
}

// Each answer that is no documented one has a kind too.
func TestSendTemplate_Answers(t *testing.T) {
	for name, c := range map[string]struct {
		status int
		header map[string]string
		body   string
		kind   channel.Kind
		wait   time.Duration
	}{
		"throttled, and says how long": {429, map[string]string{"Retry-After": "7"}, `{"error":{"code":130429,"message":"m"}}`, channel.Throttled, 7 * time.Second},
		"throttled, by the usage": {
			400,
			map[string]string{"X-Business-Use-Case-Usage": `{"2155":[{"type":"whatsapp","estimated_time_to_regain_access":3},{"type":"x","estimated_time_to_regain_access":1}]}`},
			`{"error":{"code":613,"message":"m"}}`, channel.Throttled, 3 * time.Minute,
		},
		"a usage without end":            {400, map[string]string{"X-Business-Use-Case-Usage": `{"2155":[{"estimated_time_to_regain_access":1e300}]}`}, `{"error":{"code":80007}}`, channel.Throttled, 24 * time.Hour},
		"a broken usage":                 {400, map[string]string{"X-Business-Use-Case-Usage": `{`, "Retry-After": "soon"}, `{"error":{"code":4}}`, channel.Throttled, 0},
		"too much to one person":         {400, nil, `{"error":{"code":131056}}`, channel.Throttled, 10 * time.Second},
		"too much of a low quality":      {400, map[string]string{"Retry-After": "7"}, `{"error":{"code":131048}}`, channel.Throttled, 7 * time.Second},
		"and no wait":                    {400, nil, `{"error":{"code":131048}}`, channel.Throttled, 15 * time.Minute},
		"throttled without a body":       {429, map[string]string{"Retry-After": "7"}, ``, channel.Throttled, 7 * time.Second},
		"no wait heals a wrong token":    {401, map[string]string{"Retry-After": "7"}, `{"error":{"code":190,"error_subcode":463}}`, channel.Stopped, 0},
		"error data as a string":         {400, nil, `{"error":{"code":131047,"error_data":"x"}}`, channel.WindowClosed, 0},
		"a late text under another code": {400, nil, `{"error":{"code":100,"message":"m","error_data":{"details":"Message failed: outside the 24-hour window"}}}`, channel.WindowClosed, 0},
		"a late text for Instagram":      {400, nil, `{"error":{"code":100,"message":"This message is sent outside of allowed window."}}`, channel.WindowClosed, 0},
		"a subcode as a string":          {400, nil, `{"error":{"code":131047,"error_subcode":"x"}}`, channel.WindowClosed, 0},
		"a new code that passes":         {400, nil, `{"error":{"code":999999,"is_transient":true}}`, channel.Throttled, 0},
		"a new code":                     {400, nil, `{"error":{"code":999999}}`, channel.Rejected, 0},
		"no code":                        {400, nil, `{"error":{"message":"m"}}`, channel.Rejected, 0},
		"code zero":                      {400, nil, `{"error":{"code":0}}`, channel.Stopped, 0},
		"error as a string":              {403, nil, `{"error":"x"}`, channel.Stopped, 0},
		"a redirect":                     {307, map[string]string{"Location": "http://127.0.0.1:1/"}, ``, channel.Rejected, 0},
		"not found":                      {404, nil, `<html>`, channel.Rejected, 0},
		"unavailable":                    {503, nil, ``, channel.Unknown, 0},
		"no JSON":                        {200, nil, `OK`, channel.Unknown, 0},
		"no message":                     {200, nil, `{"messages":[]}`, channel.Unknown, 0},
		"another shape":                  {200, nil, `{"messages":"x"}`, channel.Unknown, 0},
		"an endless answer":              {200, nil, `{"messages":[{"id":"` + strings.Repeat("x", 1<<20) + `"}]}`, channel.Unknown, 0},
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				for name, value := range c.header {
					w.Header().Set(name, value)
				}
				w.WriteHeader(c.status)
				_, _ = w.Write([]byte(c.body))
			}))
			t.Cleanup(server.Close)
			_, err := client(server.URL).SendTemplate(t.Context(), sender, order("31612345678", "1"))
			if got := failureOf(t, err); got.Kind != c.kind || got.RetryAfter != c.wait || got.Message == "" {
				t.Errorf("got %v after %s, want %s after %s", got, got.RetryAfter, c.kind, c.wait)
			}
		})
	}
}

func TestDefinition(t *testing.T) {
	s := graph.Start(t, shop)
	c := client(s.URL)
	want := &channel.Definition{Header: channel.Heading{Format: "TEXT", Text: "Hi"}, Body: "Order {{1}}", Footer: "Bye", Buttons: []string{"Track"}}
	got, err := c.Definition(t.Context(), sender, shop.AccountID, "order_update", "en")
	if d := cmp.Diff(want, got); d != "" || err != nil {
		t.Errorf("%v\n(-want +got):\n%s", err, d)
	}
	if got, err := c.Definition(t.Context(), sender, shop.AccountID, "order_update", "nl"); got != nil || err != nil {
		t.Errorf("another language: got %v, %v, want none", got, err)
	}
	if _, err := c.Definition(t.Context(), sender, "1", "order", "en"); failureOf(t, err).Code != 100 {
		t.Errorf("another account: got %v", err)
	}
	if _, err := c.Definition(t.Context(), sender, "me", "order", "en"); failureOf(t, err).Kind != channel.Rejected {
		t.Errorf("no id: got %v", err)
	}
}

func failureOf(t *testing.T, err error) channel.SendError {
	t.Helper()
	f, ok := errors.AsType[*channel.SendError](err)
	if !ok {
		t.Fatalf("got %v, want a *channel.SendError", err)
	}
	return *f
}
