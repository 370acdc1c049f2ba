package contract_test

import (
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/quintet-agents/quintet/shared/dynamo/dynamotest"
	"github.com/quintet-agents/quintet/shared/ledger"
)

// Two keys that differ only beyond ASCII can arrive as the same bytes. So every route and
// transport refuses such a key, and writes nothing.
func TestIdempotencyKey_BeyondASCII(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := newProduct(t, w.deps(dynamotest.Endpoint(), localModel(t)))
	asked := 0
	for _, x := range succeeding(func(x exchange) bool { return x.method != get && x.sign == nil }) { // providers send no key
		asked++
		t.Run(x.name(), func(t *testing.T) {
			w.ready(t, x)
			before := w.snapshot(t)
			for _, key := range []string{"order-\xe9", "order-\u00e9", "", "order-\ufffd", strings.Repeat("k", 256)} {
				for name, send := range transports {
					x := x.with("Idempotency-Key", key)
					a := send(t, p, w, x)
					if want := invalidStatus(x); a.Status != want || !strings.Contains(a.Body, "Idempotency-Key must be 1 to 255 printable ASCII characters") {
						t.Errorf("%s, key %q: got %d %s, want %d", name, key, a.Status, a.Body, want)
					}
					x.check(t, w, a)
				}
			}
			if d := cmp.Diff(before, w.snapshot(t)); d != "" {
				t.Errorf("table after a refused key (-want +got):\n%s", d)
			}
		})
	}
	if asked < 25 {
		t.Errorf("got %d routes, want at least 25", asked)
	}
}

// Each route that reads a body accepts a byte order mark. It refuses an encoded body, names
// the encoding, and uses its surface's form.
func TestBody_ByteOrderMarkAndEncoding(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := newProduct(t, w.deps(dynamotest.Endpoint(), localModel(t)))
	asked := 0
	for _, x := range succeeding(func(x exchange) bool { return strings.HasPrefix(x.body, "{") }) {
		asked++
		t.Run(x.name(), func(t *testing.T) {
			for name, send := range transports {
				w.ready(t, x)
				before := w.snapshot(t)
				coded := x.with("Content-Encoding", "gzip")
				a := send(t, p, w, coded)
				if a.Status != http.StatusUnsupportedMediaType || !strings.Contains(a.Body, "Content-Encoding gzip") {
					t.Errorf("%s, encoded: got %d %s, want a 415 that names gzip", name, a.Status, a.Body)
				}
				coded.check(t, w, a)
				if d := cmp.Diff(before, w.snapshot(t)); d != "" {
					t.Errorf("%s: table after a refused body (-want +got):\n%s", name, d)
				}
				marked := x
				marked.body = "\ufeff" + x.body
				if a := send(t, p, w, marked); a.Status != x.status {
					t.Errorf("%s, byte order mark: got %d %s, want %d", name, a.Status, a.Body, x.status)
				}
			}
		})
	}
	if asked < 15 {
		t.Errorf("got %d routes, want at least 15", asked)
	}
}

// A malformed text, id or number anywhere in a request gets an answer that the document
// describes: it never reaches a store or a directory that would fail on it. A 502
// is the refusal of a provider that the text was meant for.
func TestRequest_MalformedNeverServerError(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := newProduct(t, w.deps(dynamotest.Endpoint(), localModel(t)))
	value := regexp.MustCompile(`"(\$[A-Z_0-9]+|[^"{}:,]*)"([,}\]])`)
	for _, x := range succeeding(func(exchange) bool { return true }) {
		t.Run(x.name(), func(t *testing.T) {
			for _, nonsense := range []string{`a\u0000`, `\udc00\ud800`, "\xff", strings.Repeat("x", 70_000)} {
				for _, place := range value.FindAllStringSubmatchIndex(x.body, -1) {
					x := x
					x.body = x.body[:place[2]] + nonsense + x.body[place[3]:]
					w.ready(t, x)
					if a := buffered(t, p, w, x); a.Status >= 500 && a.Status != http.StatusBadGateway || strings.Contains(a.Body, `"statusCode":5`) {
						t.Errorf("%.90q: got %d %s, want no 5xx", x.body, a.Status, a.Body)
					}
				}
			}
			path, query, _ := strings.Cut(x.path, "?")
			parts := strings.Split(path, "/")
			for _, nonsense := range []string{"%00", "%ED%A0%80", "..%2F", strings.Repeat("x", 3000)} {
				for i, part := range parts {
					if !strings.HasPrefix(part, "$") {
						continue
					}
					changed := append([]string{}, parts...)
					changed[i] = nonsense
					x := x
					x.path = strings.Join(changed, "/") + "?" + query
					if a := buffered(t, p, w, x); a.Status >= 500 {
						t.Errorf("%.90q: got %d %s, want no 5xx", x.path, a.Status, a.Body)
					}
				}
				if x.method != get && query == "" {
					continue // it reads none
				}
				for _, name := range []string{"limit", "offset", "cursor", "after", "agentId", "status", "from", "to", "group", "start_date", "end_date"} {
					x := x
					x.path = path + "?" + query + "&" + name + "=" + nonsense
					if a := buffered(t, p, w, x); a.Status >= 500 {
						t.Errorf("%.90q: got %d %s, want no 5xx", x.path, a.Status, a.Body)
					}
				}
			}
			for _, name := range []string{"Authorization", "X-Api-Key", "Cookie", "Origin", "Sec-Fetch-Site"} {
				for _, nonsense := range []string{"\xff", "af_session=\u202e"} {
					if a := buffered(t, p, w, x.with(name, nonsense)); a.Status >= 500 {
						t.Errorf("%s %.90q: got %d %s, want no 5xx", name, nonsense, a.Status, a.Body)
					}
				}
			}
		})
	}
}

// shownOnce matches a key, a webhook's secret or a session.
var shownOnce = regexp.MustCompile(`_live_[0-9A-Za-z]{33}|whsec_[0-9A-Za-z+/]{43}=|"secret":"[2-7A-Z]{26}"|af_session=[^;]`)

// No cache may keep an answer that shows a key, a secret or a session.
func checkSecrets(t *testing.T, a answer) {
	t.Helper()
	shown := a.Status < 300 && (shownOnce.MatchString(a.Body) || shownOnce.MatchString(strings.Join(a.Header["Set-Cookie"], "\n")))
	if got := a.Header.Get("Cache-Control"); shown && got != "no-store" {
		t.Errorf("got Cache-Control %q, want no-store", got)
	}
}

// The answer to each chat has the remaining requests of its rate limits, even if a rate
// limit refused it.
func TestChats_RateLimitHeaders(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := newProduct(t, w.deps(dynamotest.Endpoint(), localModel(t)))
	asked := 0
	for _, x := range succeeding(func(x exchange) bool { return chats[x.function] != nil }) {
		asked++
		t.Run(x.function, func(t *testing.T) {
			org := w.Org(t, ledger.Credit, func(a *ledger.Account) { a.Limits.RatePerMinute, a.Limits.KeyRatePerMinute = 50, 2 })
			a := w.Agent(t, org, "be brief")
			key, _ := w.Key(t, org, "")
			x := exchange{function: x.function, method: post, path: chats[x.function](a.ID, w.Thread(t, a).ID), key: key, body: x.body}
			x.body = `{"text":"hi","content":"hi","messages":` + map[bool]string{true: `"hi"`, false: `[{"role":"user","content":"hi"}]`}[x.function == "flowgent-chat-create"] + `}`
			var got []string
			for range 3 {
				answer := buffered(t, p, w, x)
				x.check(t, w, answer)
				rates := answer.Header.Get("RateLimit-Policy") + " | " + answer.Header.Get("RateLimit")
				got = append(got, fmt.Sprint(answer.Status, " ", resets.ReplaceAllString(rates, "t=<s>")))
			}
			const policy = ` "org";q=50;w=60, "key";q=2;w=60 | `
			want := []string{
				`200` + policy + `"org";r=49;t=<s>, "key";r=1;t=<s>`,
				`200` + policy + `"org";r=48;t=<s>, "key";r=0;t=<s>`,
				`429` + policy + `"org";r=48;t=<s>, "key";r=0;t=<s>`,
			}
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
	if asked != len(chats) {
		t.Errorf("got %d chats, want %d", asked, len(chats))
	}
}

var resets = regexp.MustCompile(`t=[0-9]+`)

// chats are the paths of chats with an agent, or in a thread of it.
var chats = map[string]func(agent, thread string) string{
	"agentflow-chat-create":   func(agent, _ string) string { return "/agents/" + agent + "/chat" },
	"flexyagents-chat-create": func(agent, _ string) string { return "/api/agents/" + agent + "/chat" },
	"flowgent-chat-create":    func(agent, _ string) string { return "/api/public/agent/" + agent + "/chat" },
	"flapjack-message-create": func(_, thread string) string { return "/api/threads/" + thread + "/messages" },
}

// succeeding returns one exchange of each route that succeeds, without an
// idempotency key.
func succeeding(wanted func(exchange) bool) []exchange {
	seen, all := map[string]bool{}, []exchange{}
	for _, x := range exchanges {
		if x.status < 300 && !seen[x.function] && x.header["Idempotency-Key"] == "" && wanted(x) {
			seen[x.function] = true
			all = append(all, x)
		}
	}
	return all
}

// with returns the exchange with another header.
func (x exchange) with(name, value string) exchange {
	header := maps.Clone(x.header)
	if header == nil {
		header = map[string]string{}
	}
	header[name] = value
	x.header = header
	return x
}

// invalidStatus returns a surface's status for malformed requests.
func invalidStatus(x exchange) int {
	if strings.HasPrefix(x.function, "flapjack-") {
		return http.StatusUnprocessableEntity
	}
	return http.StatusBadRequest
}
