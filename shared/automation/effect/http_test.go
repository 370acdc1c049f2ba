package effect_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/quintet-agents/quintet/shared/automation"
	"github.com/quintet-agents/quintet/shared/automation/effect"
	"github.com/quintet-agents/quintet/shared/delivery/outbound"
	"github.com/quintet-agents/quintet/shared/secret"
)

// keys has one signing secret, and counts the secrets that it opens.
type keys struct {
	signing string
	opened  int
}

func (k *keys) Signing(context.Context, string, string) ([]string, error) {
	return []string{k.signing}, nil
}

func (k *keys) OpenAutomationSecret(_ context.Context, _, _, _ string, sealed []byte) (string, error) {
	k.opened++
	return string(sealed), nil
}

func performer() (*effect.Performer, *keys) {
	k := &keys{signing: secret.New()}
	guard := outbound.NewGuard([]netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")})
	return &effect.Performer{Requests: &effect.Requests{Caller: outbound.NewClient(guard, nil, time.Now), Signer: k, Opener: k, Now: time.Now}}, k
}

// step returns an HTTP step and a run that has its secret.
func step(url string) (automation.Run, automation.Position) {
	run := automation.Run{Ref: automation.Ref{OrgID: "o", AutomationID: "a", ID: "r"}, Secrets: automation.Secrets{automation.HeaderSecret("x", "X-Key"): []byte("kept-to-ourselves")}}
	return run, automation.Position{Path: "x", Data: map[string]any{}, Step: automation.Step{
		ID: "x", Type: automation.HTTP, Method: http.MethodPost, URL: url, Body: `{"a": 1}`, SecretHeaders: []string{"X-Key"}, TimeoutSeconds: 5,
	}}
}

func serve(t *testing.T, kind, body string) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if kind != "" {
			w.Header().Set("Content-Type", kind)
		}
		w.Header().Set("Set-Cookie", "a=b")
		_, _ = io.WriteString(w, body)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

func deep(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }

// Later steps see an answer as JSON or as a text; what is neither is null, and what is too long is
// a text that says so.
func TestRequests_Output(t *testing.T) {
	long := strings.Repeat(`<&>"`, effect.MaxOutput)
	for name, c := range map[string]struct {
		kind, body string
		want       any
		truncated  bool
	}{
		"JSON":                {"application/json; charset=utf-8", `{"n": 1.50, "s": "<a>"}`, map[string]any{"n": json.Number("1.50"), "s": "<a>"}, false},
		"a kind of JSON":      {"application/hal+json", `[1]`, []any{json.Number("1")}, false},
		"broken JSON":         {"application/json", `{"n":`, `{"n":`, false},
		"JSON that is deep":   {"application/json", deep(automation.MaxDataDepth + 1), deep(automation.MaxDataDepth + 1), false},
		"a text":              {"text/plain", `{"n": 1}`, `{"n": 1}`, false},
		"nothing":             {"application/json", "", "", false},
		"an image":            {"image/png", "png", nil, false},
		"bytes":               {"text/plain", "a\x00b", nil, false},
		"wrong UTF-8":         {"text/plain", "a\xffb", "a\uFFFDb", false},
		"the secret":          {"application/json", `{"you sent": "kept-to-ourselves"}`, map[string]any{"you sent": "[secret]"}, false},
		"the secret, escaped": {"application/json", `{"you sent": "\u006bept-to-ourselves", "n": 1.50}`, map[string]any{"you sent": "[secret]", "n": json.Number("1.50")}, false},
		"JSON that is cut":    {"application/json", `"` + strings.Repeat("a", effect.MaxOutput) + `"`, nil, true},
		"a text that is cut":  {"text/plain", long, nil, true},
		"a text with escapes": {"text/plain", strings.Repeat("\x01", effect.MaxOutput/2), nil, true},
	} {
		t.Run(name, func(t *testing.T) {
			p, _ := performer()
			run, at := step(serve(t, c.kind, c.body))
			input, output, err := p.Do(t.Context(), run, at, "id")
			if err != nil {
				t.Fatal(err)
			}
			var got struct {
				Status    int
				Headers   map[string]string
				Body      any
				Truncated bool
			}
			d := json.NewDecoder(strings.NewReader(string(output)))
			d.UseNumber()
			if err := d.Decode(&got); err != nil {
				t.Fatal(err)
			}
			if got.Status != 200 || got.Truncated != c.truncated || got.Headers["set-cookie"] != "" || len(output) > effect.MaxOutput {
				t.Errorf("got the status %d, truncated %t, the headers %v and %d bytes", got.Status, got.Truncated, got.Headers, len(output))
			}
			if text, _ := got.Body.(string); c.truncated && len(text) < effect.MaxOutput/32 {
				t.Errorf("got %d bytes of a body that was cut, want most of it", len(text))
			}
			if d := cmp.Diff(c.want, got.Body); !c.truncated && d != "" {
				t.Errorf("body (-want +got):\n%s", d)
			}
			if all := string(input) + string(output); strings.Contains(all, "kept-to-ourselves") || !strings.Contains(string(input), `"X-Key":"[secret]"`) {
				t.Errorf("got the secret, or no mask, in %s", input)
			}
		})
	}
}

// A wait that a receiver asks for is respected, and bounded.
func TestRequests_RetryAfter(t *testing.T) {
	for asked, want := range map[string]time.Duration{"120": 2 * time.Minute, "999999": time.Hour, "": 0, "nonsense": 0} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", asked)
			w.WriteHeader(http.StatusTooManyRequests)
		}))
		t.Cleanup(server.Close)
		p, _ := performer()
		run, at := step(server.URL)
		_, _, err := p.Do(t.Context(), run, at, "id")
		if f, ok := errors.AsType[*automation.FailedError](err); !ok || !f.Again || f.After != want {
			t.Errorf("Retry-After %q: got %+v, want another attempt after %s", asked, err, want)
		}
	}
}

// A secret is opened once in a process, and a step whose secret is missing says so.
func TestRequests_Secrets(t *testing.T) {
	p, k := performer()
	run, at := step(serve(t, "", ""))
	for range 3 {
		if _, _, err := p.Do(t.Context(), run, at, "id"); err != nil {
			t.Fatal(err)
		}
	}
	if k.opened != 1 {
		t.Errorf("got %d secrets opened, want 1", k.opened)
	}
	run.Secrets = nil
	_, _, err := p.Do(t.Context(), run, at, "id")
	if want := "The secret header X-Key has no value: give it one and publish the automation again"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

// Templates of a step render with the values of the run.
func TestRequests_Rendered(t *testing.T) {
	var got string
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got = fmt.Sprintf("%s %s %s %s %s", r.Method, r.URL, r.Header.Get("X-Order"), r.Header.Get("User-Agent"), body)
	}))
	t.Cleanup(server.Close)
	p, _ := performer()
	run, at := step(server.URL + "/a/{{trigger.body.id}}?q={{trigger.body.q}}")
	at.Data = map[string]any{"trigger": map[string]any{"body": map[string]any{"id": "4/1", "q": "a&b", "text": `say "hi"`}}}
	at.Step.Headers, at.Step.Body = map[string]string{"X-Order": "{{trigger.body.id}}"}, `{"text": "{{trigger.body.text}}"}`
	if _, _, err := p.Do(t.Context(), run, at, "id"); err != nil {
		t.Fatal(err)
	}
	if want := `POST /a/4%2F1?q=a%26b 4/1 Quintet-Automations/1 {"text": "say \"hi\""}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// Each request names the automations that led to it, so that none starts itself.
func TestRequests_Chain(t *testing.T) {
	var got string
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = r.Header.Get(automation.ChainHeader) }))
	t.Cleanup(server.Close)
	p, _ := performer()
	run, at := step(server.URL)
	for before, want := range map[string]string{
		"":                       "a",
		"b,c":                    "b, c, a",
		", a b,\u2028, b":        "b, a",
		strings.Repeat("b,", 99): strings.Repeat("b, ", 29) + "a",
	} {
		at.Data = map[string]any{"trigger": map[string]any{"headers": map[string]any{"quintet-chain": before}}}
		if _, _, err := p.Do(t.Context(), run, at, "id"); err != nil {
			t.Fatal(err)
		}
		if got != want {
			t.Errorf("after %q: got %q, want %q", before, got, want)
		}
	}
}
