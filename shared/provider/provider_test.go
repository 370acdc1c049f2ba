package provider_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/quintet-agents/quintet/shared/agent"
	"github.com/quintet-agents/quintet/shared/awshttp"
	"github.com/quintet-agents/quintet/shared/delivery/outbound"
	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/model"
	"github.com/quintet-agents/quintet/shared/model/modeltest"
	"github.com/quintet-agents/quintet/shared/model/scripted"
	"github.com/quintet-agents/quintet/shared/model/watch"
	"github.com/quintet-agents/quintet/shared/provider"
)

const secretKey = "sk-own-0123456789abcdef"

// vault opens every sealed key to the key after its first letters, and counts.
type vault struct {
	opened []string
	err    error
}

func (v *vault) OpenAgentSecret(_ context.Context, orgID, agentID string, s agent.Secret, sealed []byte) (string, error) {
	v.opened = append(v.opened, fmt.Sprintf("%s/%s/%s", orgID, agentID, s))
	return strings.TrimPrefix(string(sealed), "sealed:"), v.err
}

// offices gives credentials for every role, and records the calls.
type offices struct {
	mu      sync.Mutex
	assumed []string
	life    time.Duration
	err     error
}

func (o *offices) Assume(_ context.Context, roleARN, externalID, session string) (aws.Credentials, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.assumed = append(o.assumed, strings.Join([]string{roleARN, externalID, session}, " "))
	if o.life == 0 {
		o.life = time.Hour
	}
	return aws.Credentials{AccessKeyID: "ASIAROLE", SecretAccessKey: "s", SessionToken: "t", CanExpire: true, Expires: time.Now().Add(o.life)}, o.err
}

// world has providers and what they call.
type world struct {
	*provider.Providers

	vault   vault
	offices offices
}

func newWorld(t *testing.T, bedrockURL string) *world {
	t.Helper()
	return newGuarded(t, bedrockURL, outbound.NewGuard([]netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}))
}

func newGuarded(t *testing.T, bedrockURL string, guard *outbound.Guard) *world {
	t.Helper()
	w := &world{}
	outside, inside := outbound.NewStreamingClient(guard, nil), &http.Client{Transport: &http.Transport{}}
	t.Cleanup(outside.CloseIdleConnections)
	t.Cleanup(inside.CloseIdleConnections)
	w.Providers = provider.New(&w.vault, &w.offices, outside, aws.Config{
		Region: "us-east-1", BaseEndpoint: &bedrockURL, HTTPClient: awshttp.PlainBodies(inside), RetryMaxAttempts: 1,
	}, watch.Default)
	return w
}

func live(s agent.Settings) agent.Live {
	if s.Model == "" {
		s.Model = "local"
	}
	return agent.Live{OrgID: "org", AgentID: "agent", Settings: s}
}

func sealed(key string) []byte { return []byte("sealed:" + key) }

// of returns the provider of settings that must have one.
func (w *world) of(t *testing.T, l agent.Live) model.Provider {
	t.Helper()
	p, err := w.Of(t.Context(), l)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

const role = "arn:aws:iam::210987654321:role/quintet-models"

// An own Bedrock keeps the whole contract of a provider, with a key and with a role.
func TestProviders_Bedrock(t *testing.T) {
	for name, tc := range map[string]struct {
		settings      agent.Settings
		authorization string
	}{
		"key":  {agent.Settings{Provider: agent.Bedrock, Region: "eu-west-1", ProviderKey: sealed(secretKey)}, "Bearer " + secretKey},
		"role": {agent.Settings{Provider: agent.Bedrock, Region: "eu-west-1", RoleARN: role}, "AWS4-HMAC-SHA256 Credential=ASIAROLE/" + time.Now().UTC().Format("20060102") + "/eu-west-1/bedrock/aws4_request"},
	} {
		t.Run(name, func(t *testing.T) {
			modeltest.Exercise(t, func(t *testing.T, wait modeltest.Wait) model.Provider {
				t.Helper()
				wire := scripted.Handler(scripted.Options{Wait: wait})
				server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
					if got := r.Header.Get("Authorization"); !strings.HasPrefix(got, tc.authorization) {
						t.Errorf("got Authorization %.60s, want %s", got, tc.authorization)
					}
					wire.ServeHTTP(rw, r)
				}))
				t.Cleanup(server.Close)
				w := newWorld(t, server.URL)
				return w.of(t, live(tc.settings))
			})
		})
	}
}

// An OpenAI-compatible server gets the key, or none if there is none.
func TestProviders_OpenAI(t *testing.T) {
	for _, key := range []string{secretKey, ""} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			want := ""
			if key != "" {
				want = "Bearer " + key
			}
			if got := r.Header.Get("Authorization"); got != want || r.URL.Path != "/v1/chat/completions" {
				t.Errorf("got %s with Authorization %q, want %q", r.URL.Path, got, want)
			}
			fmt.Fprint(w, `{"choices":[{"message":{"content":"hello"},"finish_reason":"stop"}]}`)
		}))
		t.Cleanup(server.Close)
		s := agent.Settings{Provider: agent.OpenAI, BaseURL: server.URL + "/v1"}
		if key != "" {
			s.ProviderKey = sealed(key)
		}
		reply, err := newWorld(t, "").of(t, live(s)).Converse(t.Context(), modeltest.Ask("hello"))
		if err != nil || reply.Text != "hello" {
			t.Errorf("got %q, %v, want hello", reply.Text, err)
		}
	}
}

// A key is opened once for its agent and settings, and again when they change. A role is
// assumed in the name of its org, and again before its credentials end.
func TestProviders_Cached(t *testing.T) {
	w := newWorld(t, "http://127.0.0.1:1")
	first := live(agent.Settings{Provider: agent.Bedrock, ProviderKey: sealed("a")})
	other, rotated := first, live(agent.Settings{Provider: agent.Bedrock, ProviderKey: sealed("b")})
	other.AgentID = "other"
	for range 3 {
		for _, l := range []agent.Live{first, other, rotated} {
			w.of(t, l)
		}
	}
	if got, want := strings.Join(w.vault.opened, " "), "org/agent/provider_key org/other/provider_key org/agent/provider_key"; got != want {
		t.Errorf("got %s opened, want %s", got, want)
	}
	for i := range 100 { // more than are kept
		l := first
		l.AgentID = fmt.Sprint(i)
		w.of(t, l)
	}
	w.of(t, first)
	if got := len(w.vault.opened); got != 104 {
		t.Errorf("got %d keys opened, want 104: the first one's place is taken", got)
	}

	assuming := live(agent.Settings{Provider: agent.Bedrock, RoleARN: role})
	for range 3 {
		w.of(t, assuming)
	}
	if got, want := strings.Join(w.offices.assumed, ", "), role+" org quintet-agent"; got != want {
		t.Errorf("got %s assumed, want %s", got, want)
	}
	w.offices.life = 4 * time.Minute // less than is kept in reserve
	assuming.Settings.Region = "eu-west-1"
	w.of(t, assuming)
	w.of(t, assuming)
	if got := len(w.offices.assumed); got != 3 {
		t.Errorf("got %d roles assumed, want 3: one and two of those that end soon", got)
	}
}

// Settings that lack something are refused before anything is opened or sent.
func TestProviders_Incomplete(t *testing.T) {
	for name, tc := range map[string]struct {
		settings agent.Settings
		want     string
	}{
		"no base URL":        {agent.Settings{Provider: agent.OpenAI}, "base_url"},
		"no credentials":     {agent.Settings{Provider: agent.Bedrock}, "provider_key or role_arn"},
		"another host":       {agent.Settings{Provider: agent.Bedrock, RoleARN: role, Region: "example.com/"}, "region"},
		"a host's beginning": {agent.Settings{Provider: agent.Bedrock, RoleARN: role, Region: "us-east-1.example"}, "region"},
		"hosted":             {agent.Settings{Provider: agent.Hosted}, "provider"},
	} {
		w := newWorld(t, "")
		_, err := w.Of(t.Context(), live(tc.settings))
		if e := fault.From(err); e == nil || e.Code != fault.ModelRefused || !strings.HasSuffix(e.Message, "check "+tc.want) || len(w.offices.assumed) > 0 {
			t.Errorf("%s: got %v, want ModelRefused with a check of %s", name, err, tc.want)
		}
	}
}

// Every failure has its code and says whose provider failed. No text has the key, not even if
// the server repeats it.
func TestProviders_Failures(t *testing.T) {
	const (
		key     = "The organisation's own model provider refused the key"
		unknown = "The organisation's own model provider does not serve this model: check the provider and the model in the agent's settings"
		busy    = "The organisation's own model provider is busy or not reachable"
		failed  = "The model failed"
	)
	openAI := func(status int, kind, message string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("X-Should-Retry", "false")
			w.WriteHeader(status)
			_ = json.NewEncoder(w).Encode(map[string]any{"error": map[string]string{"message": message + " " + r.Header.Get("Authorization"), "code": kind}})
		}
	}
	bedrock := func(status int, kind, message string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X-Amzn-Errortype", kind)
			w.WriteHeader(status)
			_ = json.NewEncoder(w).Encode(map[string]string{"message": message})
		}
	}
	for name, tc := range map[string]struct {
		provider agent.Provider
		serve    http.HandlerFunc
		code     fault.Code
		text     string
	}{
		"openai 401":                 {agent.OpenAI, openAI(401, "invalid_api_key", "Incorrect API key provided:"), fault.ModelRefused, key},
		"openai 403":                 {agent.OpenAI, openAI(403, "", "Forbidden"), fault.ModelRefused, key},
		"openai, Google's 400":       {agent.OpenAI, openAI(400, "", "API key not valid"), fault.ModelRefused, key},
		"openai, another model":      {agent.OpenAI, openAI(404, "model_not_found", "The model x does not exist"), fault.ModelRefused, unknown},
		"openai, another base URL":   {agent.OpenAI, http.NotFound, fault.ModelRefused, unknown},
		"openai, no credit":          {agent.OpenAI, openAI(402, "", "Insufficient balance"), fault.ModelRefused, unknown},
		"openai 429":                 {agent.OpenAI, openAI(429, "rate_limit_exceeded", "Slow down"), fault.ModelUnavailable, busy},
		"openai 500":                 {agent.OpenAI, openAI(500, "", "Oops"), fault.Internal, failed},
		"openai hangs up":            {agent.OpenAI, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, fault.ModelUnavailable, busy},
		"bedrock key":                {agent.Bedrock, bedrock(403, "", "Authentication failed: Please make sure your API Key is valid."), fault.ModelRefused, key},
		"bedrock key with a code":    {agent.Bedrock, bedrock(403, "AccessDeniedException", "Authentication failed: Please make sure your API Key is valid."), fault.ModelRefused, key},
		"bedrock token":              {agent.Bedrock, bedrock(403, "UnrecognizedClientException", "The security token included in the request is invalid."), fault.ModelRefused, key},
		"bedrock expired":            {agent.Bedrock, bedrock(403, "ExpiredTokenException", "The security token included in the request is expired"), fault.ModelRefused, key},
		"bedrock, model not allowed": {agent.Bedrock, bedrock(403, "AccessDeniedException", "You don't have access to the model with the specified model ID."), fault.ModelRefused, unknown},
		"bedrock, another model":     {agent.Bedrock, bedrock(400, "ValidationException", "The provided model identifier is invalid."), fault.ModelRefused, unknown},
		"bedrock throttled":          {agent.Bedrock, bedrock(429, "ThrottlingException", "Too many requests"), fault.ModelUnavailable, busy},
		"bedrock fails":              {agent.Bedrock, bedrock(500, "InternalServerException", "Oops"), fault.Internal, failed},
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(tc.serve)
			t.Cleanup(server.Close)
			p := newWorld(t, server.URL).of(t, live(agent.Settings{Provider: tc.provider, BaseURL: server.URL + "/v1", ProviderKey: sealed(secretKey)}))
			_, whole := p.Converse(t.Context(), modeltest.Ask("hello"))
			_, streamed := modeltest.Collect(t.Context(), p, modeltest.Ask("hello"))
			for form, err := range map[string]error{"whole": whole, "streamed": streamed} {
				e := fault.From(err)
				if e == nil || e.Code != tc.code || e.Message != tc.text || (tc.code == fault.ModelUnavailable) != (e.RetryAfter > 0) {
					t.Errorf("%s: got %v, want %s: %s", form, err, tc.code, tc.text)
				}
				if err != nil && strings.Contains(fmt.Sprintf("%v %+v", err, err), secretKey) {
					t.Errorf("%s: got the key in %v", form, err)
				}
			}
		})
	}
}

// A private address is refused, and a redirect is not followed: the key goes nowhere else.
func TestProviders_Guarded(t *testing.T) {
	elsewhere := 0
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { elsewhere++ }))
	t.Cleanup(other.Close)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, other.URL, http.StatusTemporaryRedirect)
	}))
	t.Cleanup(server.Close)
	l := live(agent.Settings{Provider: agent.OpenAI, BaseURL: server.URL + "/v1", ProviderKey: sealed(secretKey)})

	_, err := newWorld(t, "").of(t, l).Converse(t.Context(), modeltest.Ask("hello"))
	if !fault.Is(err, fault.ModelRefused) || elsewhere != 0 {
		t.Errorf("a redirect: got %v and %d requests elsewhere, want ModelRefused and none", err, elsewhere)
	}
	_, err = newGuarded(t, "", outbound.NewGuard(nil)).of(t, l).Converse(t.Context(), modeltest.Ask("hello"))
	if e := fault.From(err); e == nil || e.Code != fault.ModelRefused || e.Message != "The address of the organisation's own model provider is not allowed" {
		t.Errorf("a private address: got %v, want ModelRefused that says so", err)
	}
}

// A key that cannot be opened is a temporary failure, and is opened again.
func TestProviders_Sealed(t *testing.T) {
	w := newWorld(t, "http://127.0.0.1:1")
	l := live(agent.Settings{Provider: agent.Bedrock, ProviderKey: sealed("a")})
	w.vault.err = errors.New("KMS is down")
	if _, err := w.Of(t.Context(), l); !fault.Is(err, fault.ModelUnavailable) || fault.From(err).RetryAfter <= 0 || strings.Contains(fault.From(err).Message, "KMS") {
		t.Errorf("got %v, want ModelUnavailable", err)
	}
	w.vault.err = nil
	w.of(t, l)
}

// Nothing that prints a provider prints its key.
func TestProviders_KeyNotPrinted(t *testing.T) {
	w := newWorld(t, "http://127.0.0.1:1")
	for _, s := range []agent.Settings{{Provider: agent.OpenAI, BaseURL: "http://127.0.0.1:1/v1"}, {Provider: agent.Bedrock}} {
		s.ProviderKey = sealed(secretKey)
		p := w.of(t, live(s))
		if text := fmt.Sprintf("%v %+v %#v %v %+v %#v", p, p, p, w.Providers, w.Providers, w.Providers); strings.Contains(text, "="+secretKey) || strings.Contains(strings.ReplaceAll(text, "sealed:"+secretKey, ""), secretKey) {
			t.Errorf("got the key in %s", text)
		}
	}
}
