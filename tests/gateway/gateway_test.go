// Package gateway_test checks API Gateway's own answers, which the template defines.
package gateway_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/quintet-agents/quintet/tests/rig"
)

func TestMain(m *testing.M) { rig.Main(m) }

// ownAnswer is one of the gateway's own answers as a page sees it.
type ownAnswer struct {
	Status                            int
	Body, Type, Origin, Exposed, Wait string
}

const shop = "https://shop.example"

type request struct {
	rig          *rig.Rig
	before       int // how often the request is sent before
	method, path string
	body         string
	status       int
	want, wait   string
	noOrigin     bool
}

// ask sends the request unchanged: net/http's client refuses broken escapes.
func (q request) ask(t *testing.T) *http.Response {
	t.Helper()
	var dialer net.Dialer
	conn, err := dialer.DialContext(t.Context(), "tcp", strings.TrimPrefix(q.rig.Runner.URL(), "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	origin := "Origin: " + shop + "\r\n"
	if q.noOrigin {
		origin = ""
	}
	_, err = fmt.Fprintf(conn, "%s %s HTTP/1.1\r\nHost: local\r\n"+origin+"Authorization: Bearer %s\r\nContent-Length: %d\r\n\r\n%s",
		q.method, q.path, q.rig.Key, len(q.body), q.body)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = res.Body.Close() })
	return res
}

// Each of the gateway's own answers has the documented form, an id, and CORS headers, so that a
// page can read it.
func TestGateway_OwnAnswers(t *testing.T) {
	r := rig.Start(t, 0)
	throttled := r.Configured(t, map[string]string{"RequestsPerSecond": "0.001", "RequestBurst": "1"})
	sends := r.Configured(t, map[string]string{"SendsPerSecond": "0.001", "SendBurst": "2"})
	replay := "/api/v1/webhooks/callbacks/deliveries/x/replay"
	for name, test := range map[string]request{
		"unknown path":              {rig: r, method: "GET", path: "/nothing", status: 404, want: "not_found"},
		"unknown method":            {rig: r, method: "PUT", path: "/v1/agents", status: 404, want: "not_found"},
		"unknown path's preflight":  {rig: r, method: "OPTIONS", path: "/nothing", status: 404, want: "not_found"},
		"broken escape":             {rig: r, method: "GET", path: "/%zz", status: 404, want: "not_found"},
		"broken escape of an id":    {rig: r, method: "GET", path: "/v1/agents/%", status: 404, want: "not_found"},
		"broken escape's preflight": {rig: r, method: "OPTIONS", path: "/v1/agents/%z", status: 404, want: "not_found"},
		"large body":                {rig: r, method: "POST", path: "/v1/agents", body: strings.Repeat("x", 11<<20), status: 413, want: "payload_too_large"},
		"over the rate":             {rig: throttled, before: 1, method: "GET", path: "/v1/agents", status: 429, want: "rate_limited", wait: "1"},
		"preflights over the rate":  {rig: throttled, before: 1, method: "OPTIONS", path: "/v1/agents", status: 429, want: "rate_limited", wait: "1"},
		"sends over their rate":     {rig: sends, before: 2, method: "POST", path: replay, status: 429, want: "rate_limited", wait: "1"},
	} {
		t.Run(name, func(t *testing.T) {
			for range test.before {
				if res := test.ask(t); res.StatusCode == http.StatusTooManyRequests {
					t.Fatal("got a 429 within the burst, want none")
				}
			}
			res := test.ask(t)
			body, err := io.ReadAll(res.Body)
			if err != nil {
				t.Fatal(err)
			}
			h := res.Header
			want := ownAnswer{test.status, fmt.Sprintf(`{"error":%q}`, test.want), "application/json", "*", "X-Request-Id, Retry-After", test.wait}
			got := ownAnswer{
				res.StatusCode, string(body), h.Get("Content-Type"), h.Get("Access-Control-Allow-Origin"),
				h.Get("Access-Control-Expose-Headers"), h.Get("Retry-After"),
			}
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("answer (-want +got):\n%s", d)
			}
			if id := h.Get("X-Request-Id"); id == "" || id != h.Get("X-Amzn-Requestid") {
				t.Errorf("got X-Request-Id %q, want the gateway's %q", id, h.Get("X-Amzn-Requestid"))
			}
		})
	}
}

// The root names the APIs and the document, with or without a key, and so does /console, the
// default page for callers without credits. No function runs.
func TestGateway_Root(t *testing.T) {
	r := rig.Start(t, 0)
	base := r.Runner.URL()
	for _, url := range []string{base + "/", topUpURL(t, r)} {
		res, root := readJSON(t, url)
		got := []string{res.Header.Get("Content-Type"), res.Header.Get("Access-Control-Allow-Origin"), res.Header.Get("Access-Control-Expose-Headers")}
		if d := cmp.Diff([]string{"application/json", "*", "X-Request-Id"}, got); d != "" {
			t.Errorf("%s: headers (-want +got):\n%s", url, d)
		}
		if id := res.Header.Get("X-Request-Id"); id == "" || id != res.Header.Get("X-Amzn-Requestid") {
			t.Errorf("%s: got X-Request-Id %q, want the gateway's %q", url, id, res.Header.Get("X-Amzn-Requestid"))
		}
		if got, _ := root["credits"].(string); got == "" {
			t.Errorf("%s: got %v, want a text about credits", url, root)
		}
		document, _ := root["document"].(string)
		if _, got := readJSON(t, base+document); got["openapi"] == nil {
			t.Errorf("%s: got %v at %q, want the OpenAPI document", url, got, document)
		}
	}
}

// topUpURL returns the topup_url of AgentFlow's 402.
func topUpURL(t *testing.T, r *rig.Rig) string {
	t.Helper()
	chat := request{rig: r, method: "POST", path: "/agents/" + r.Agent.ID + "/chat", body: `{"text":"hi"}`}
	var refused struct {
		TopUpURL string `json:"topup_url"`
	}
	if err := json.NewDecoder(chat.ask(t).Body).Decode(&refused); err != nil || refused.TopUpURL == "" {
		t.Fatalf("got %+v and %v, want a topup_url", refused, err)
	}
	return refused.TopUpURL
}

// readJSON reads the JSON object of a 200.
func readJSON(t *testing.T, url string) (*http.Response, map[string]any) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	var body map[string]any
	if err := json.NewDecoder(res.Body).Decode(&body); err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("GET %s: got %d and %v, want 200 and JSON", url, res.StatusCode, err)
	}
	return res, body
}

// A preflight has an id, lists the headers that pages may send, and repeats the page's origin,
// which pages need for the cookie.
func TestGateway_Preflights(t *testing.T) {
	r := rig.Start(t, 0)
	for name, test := range map[string]struct {
		path        string
		noOrigin    bool
		origin      string
		credentials string
	}{
		"the root":     {"/", false, shop, "true"},
		"a chat":       {"/agents/support/chat", false, shop, "true"},
		"a resource":   {"/api/v1/agents/x", false, shop, "true"},
		"without page": {"/api/v1/agents", true, "*", ""},
	} {
		t.Run(name, func(t *testing.T) {
			res := request{rig: r, method: "OPTIONS", path: test.path, noOrigin: test.noOrigin}.ask(t)
			h := res.Header
			if id := h.Get("X-Request-Id"); res.StatusCode != http.StatusOK || id == "" || id != h.Get("X-Amzn-Requestid") {
				t.Errorf("got %d with id %q, want 200 with %q", res.StatusCode, id, h.Get("X-Amzn-Requestid"))
			}
			got := []string{h.Get("Access-Control-Allow-Origin"), h.Get("Access-Control-Allow-Credentials"), h.Get("Vary"), h.Get("Access-Control-Allow-Methods")}
			if d := cmp.Diff([]string{test.origin, test.credentials, "Origin", "GET,POST,PATCH,DELETE,OPTIONS"}, got); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
			allowed := strings.Split(strings.ToLower(h.Get("Access-Control-Allow-Headers")), ",")
			for _, name := range []string{
				"authorization", "content-type", "x-api-key", "idempotency-key", "traceparent", "tracestate", "last-event-id",
				"x-thread-id", "x-visitor-id", "x-stainless-lang", "x-stainless-retry-count", "x-stainless-helper-method",
			} {
				if !slices.Contains(allowed, name) {
					t.Errorf("got allowed headers %[2]q, want %[1]s among them", name, allowed)
				}
			}
		})
	}
}
