package providers_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/go-cmp/cmp"

	"github.com/quintet-agents/quintet/shared/agent"
	"github.com/quintet-agents/quintet/shared/ledger"
	"github.com/quintet-agents/quintet/tests/rig"
)

var update = flag.Bool("update", false, "rewrite the expected answers")

const ownKey = "sk-own-4f1d2a7be09c"

// keyed serves a server's behaviours to requests with the org's key. It refuses others as
// OpenAI does, and repeats their key.
func keyed(inner http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if key := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "); key != ownKey {
			status(http.StatusUnauthorized, wrong("Incorrect API key provided: "+key, "invalid_request_error", "", "invalid_api_key"))(w, r, request{})
			return
		}
		inner.ServeHTTP(w, r)
	})
}

// startOwn starts the product with its hosted model, for agents with own providers.
func startOwn(t *testing.T) (w *world, baseURL string) {
	t.Helper()
	s := &server{behaviours: behaviours(), asked: map[string]int{}}
	web := httptest.NewServer(keyed(s))
	t.Cleanup(web.Close)
	return &world{server: s, agents: map[string]agent.Agent{}, Rig: rig.Start(t, fortune, func(a *ledger.Account) {
		a.OwnPrices = ledger.DefaultPrices
		a.Limits.MonthlyMessagesHosted, a.Limits.MonthlyMessagesOwn = 1, 1e9
	})}, web.URL + "/v1"
}

// own creates an agent with settings, over the API.
func (w *world) own(t *testing.T, settings map[string]any) agent.Agent {
	t.Helper()
	a := w.Table.Agent(t, w.Org, "be brief")
	c := chat{T: t, world: w}
	type changed struct {
		Version        struct{ ID string }
		ProviderKeySet bool `json:"provider_key_set"`
	}
	change := func(method, path string, body any) (data changed) {
		text, err := json.Marshal(body)
		if err != nil {
			t.Fatal(err)
		}
		code, _, answer := c.exchange(method, "/api/v1/agents/"+a.ID+path, text, "")
		var said struct{ Data json.RawMessage }
		if err := json.Unmarshal([]byte(answer), &said); err != nil || code != http.StatusOK {
			t.Fatalf("%s %s: got %d %s, want a 200", method, path, code, answer)
		}
		if err := json.Unmarshal(said.Data, &data); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(answer, ownKey) {
			t.Errorf("%s %s: got the key in %s", method, path, answer)
		}
		return data
	}
	draft := change(http.MethodPatch, "/settings", settings)
	if _, has := settings["provider_key"]; draft.ProviderKeySet != has {
		t.Errorf("got provider_key_set %t, want %t", draft.ProviderKeySet, has)
	}
	change(http.MethodPost, "/versions/"+draft.Version.ID+"/deploy", map[string]any{})
	return a
}

// An own server is asked as a hosted one is, over every surface: streamed and whole, with tools,
// odd streams and failures. The turns cost the org's price for them.
func TestOwn_Behaviours(t *testing.T) {
	w, baseURL := startOwn(t)
	names := []string{
		"as OpenAI answers", "a character in two", "CRLF", "whole instead of a stream", "a stream instead of whole", "usage of a billion",
		"usage with reasoning", "a tool", "calls without index and id", "429", "503 in HTML", "500", "401", "404 for a model", "found", "200 with a refused key",
	}
	for i, name := range names {
		names[i] = modelName(name)
		w.server.behaviours[names[i]] = w.server.behaviours[name]
		name = names[i]
		w.agents[name] = w.own(t, map[string]any{"provider": "openai", "base_url": baseURL, "provider_key": ownKey, "model": name})
	}
	for _, s := range surfaces() {
		for _, name := range names {
			w.chat(t, s, name)
		}
	}
	w.checkBooks(t)
	w.checkSecrets(t)
}

// modelName returns a behaviour's name without blanks, which no model's name has.
func modelName(behaviour string) string { return strings.ReplaceAll(behaviour, " ", "-") }

// masks replace what differs between runs.
var masks = []struct {
	pattern *regexp.Regexp
	with    string
}{
	{regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`), "<uuid>"},
	{regexp.MustCompile(`test-agent-[0-9a-f]{6}`), "<slug>"},
	{regexp.MustCompile(`[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z`), "<time>"},
	{regexp.MustCompile(`msg-[0-9]{16}`), "msg-<place>"},
	{regexp.MustCompile(`"execution_time":[0-9]+`), `"execution_time":<ms>`},
	{regexp.MustCompile(`[0-9]+\.[0-9]{3}"`), `<credits>"`},
}

// What clients see of an own provider over each surface is written down: an answer of Bedrock
// with a key and with a role, and each failure. A refused key is AgentFlow's documented 502.
func TestOwn_Answers(t *testing.T) {
	w, baseURL := startOwn(t)
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	with := func(baseURL, key, model string) map[string]any {
		return map[string]any{"provider": "openai", "base_url": baseURL, "provider_key": key, "model": modelName(model)}
	}
	cases := []struct {
		name     string
		settings map[string]any
	}{
		{"bedrock with a key", map[string]any{"provider": "bedrock", "region": "eu-west-1", "provider_key": ownKey, "model": "scripted"}},
		{"bedrock with a role", map[string]any{"provider": "bedrock", "region": "eu-west-1", "role_arn": "arn:aws:iam::210987654321:role/quintet-models", "model": "scripted"}},
		{"a refused key", with(baseURL, ownKey+"-revoked", "as OpenAI answers")},
		{"an unknown model", with(baseURL, ownKey, "404 for a model")},
		{"a wrong base URL", with(baseURL+"/elsewhere", ownKey, "404 in HTML")},
		{"a throttled provider", with(baseURL, ownKey, "429")},
		{"an unreachable provider", with(closed.URL+"/v1", ownKey, "as OpenAI answers")},
		{"a failing provider", with(baseURL, ownKey, "500")},
		{"a stream that fails", with(baseURL, ownKey, "cut off after a word")},
	}
	w.server.behaviours["cut off after a word"] = behaviour{serve: resetAfter(say("Hel"), "{")}
	for name, b := range maps.Clone(w.server.behaviours) {
		w.server.behaviours[modelName(name)] = b
	}
	var got strings.Builder
	for _, tc := range cases {
		a := w.own(t, tc.settings)
		for _, s := range surfaces() {
			thread, target := w.Table.Thread(t, a).ID, a.Slug
			if s.name == "flapjack" {
				target = thread
			}
			body, err := json.Marshal(s.body("hello", thread))
			if err != nil {
				t.Fatal(err)
			}
			c := chat{T: t, world: w, surface: s}
			code, header, answer := c.exchange(http.MethodPost, fmt.Sprintf(s.path, target), body, "")
			if strings.Contains(answer, "sk-own") || strings.Contains(answer, "127.0.0.1") || strings.Contains(answer, "quintet-models") {
				t.Errorf("%s over %s: got the key, the address or the role in %s", tc.name, s.name, answer)
			}
			if wait := header.Get("Retry-After"); code == http.StatusServiceUnavailable && wait == "" {
				t.Errorf("%s over %s: got status %d without Retry-After", tc.name, s.name, code)
			}
			for _, m := range masks {
				answer = m.pattern.ReplaceAllString(answer, m.with)
			}
			fmt.Fprintf(&got, "## %s, %s\n%d\n%s\n\n", tc.name, s.name, code, strings.TrimSpace(answer))
		}
	}
	w.checkSecrets(t)
	const golden = "testdata/own.txt"
	if *update {
		if err := os.WriteFile(golden, []byte(got.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got.String(), "\n")); d != "" {
		t.Errorf("answers (-want +got); -update rewrites %s:\n%s", golden, d)
	}
}

// checkSecrets looks for the plain key in everything that is stored.
func (w *world) checkSecrets(t *testing.T) {
	t.Helper()
	sealed := 0
	var look func(where string, v types.AttributeValue)
	look = func(where string, v types.AttributeValue) {
		text := ""
		switch v := v.(type) {
		case *types.AttributeValueMemberS:
			text = v.Value
		case *types.AttributeValueMemberB:
			text = string(v.Value)
			if strings.HasSuffix(where, " provider_key") {
				sealed++
			}
		case *types.AttributeValueMemberM:
			for name, inner := range v.Value {
				look(where+" "+name, inner)
			}
		case *types.AttributeValueMemberL:
			for _, inner := range v.Value {
				look(where, inner)
			}
		}
		if strings.Contains(text, ownKey) {
			t.Errorf("got the key in the attribute%s", where)
		}
	}
	for _, item := range w.Items(t) {
		look("", &types.AttributeValueMemberM{Value: item})
	}
	if sealed == 0 {
		t.Error("got no sealed key in the table, want one for each agent with a key")
	}
}
