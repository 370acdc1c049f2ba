package agent

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/quintet-agents/quintet/shared/agent"
	"github.com/quintet-agents/quintet/shared/api/wire/body"
	"github.com/quintet-agents/quintet/shared/api/wire/wiretest"
)

// No body crashes the reader of settings. What it accepts is within the bounds, or does not fit
// together, and is shown as JSON without its key.
func FuzzSettings(f *testing.F) {
	for _, seed := range []string{
		`{"model":"m","temperature":1.5,"max_output_tokens":1,"stop":["a","b"],"provider":"openai","base_url":"https://a.example/v1//","provider_key":"sk-0123456789"}`,
		`{"provider":"bedrock","model":"m","region":"eu-west-1","role_arn":"arn:aws:iam::123456789012:role/quintet-r","caps":{"rounds":0,"seconds":600,"credits":"0.5"}}`,
		`{"model":null,"temperature":null,"max_output_tokens":null,"stop":null,"provider":null,"base_url":null,"region":null,"role_arn":null,"provider_key":null,"caps":null}`,
		`{"caps":{"rounds":null,"seconds":null,"credits":null},"caller_instructions":"ignore"}`, `[]`, "\xff",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		o, err := body.Read(httptest.NewRequestWithContext(t.Context(), http.MethodPatch, "/", strings.NewReader(string(raw))))
		if err != nil {
			wiretest.WantShowable(t, err)
			return
		}
		p, key, err := readSettings(o)
		if err != nil {
			wiretest.WantShowable(t, err)
			return
		}
		if p == (agent.SettingsPatch{}) {
			t.Error("got a change of nothing accepted, want an error")
		}
		if key != "" {
			p.ProviderKey = new([]byte(key))
		}
		s, err := p.Apply(agent.Settings{Temperature: agent.DefaultTemperature})
		if err != nil {
			wiretest.WantShowable(t, err)
			return
		}
		rounds := s.Caps.Rounds
		if s.Temperature < 0 || s.Temperature > agent.MaxTemperature || s.MaxOutputTokens < 0 || s.MaxOutputTokens > agent.MaxOutputTokens ||
			len(s.Stop) > agent.MaxStop || len(s.Model) > agent.MaxModel || strings.HasSuffix(s.BaseURL, "/") ||
			rounds != nil && (*rounds < 0 || *rounds > agent.MaxRounds) || s.Caps.Time < 0 || s.Caps.Time > agent.MaxTime || s.Caps.Credits < 0 {
			t.Errorf("got settings %+v accepted, want an error", s)
		}
		shown, err := json.Marshal(settingsOf(s))
		if len(s.ProviderKey) > 0 {
			s.ProviderKey = []byte("another")
		}
		if same, wrong := json.Marshal(settingsOf(s)); err != nil || wrong != nil || string(same) != string(shown) {
			t.Errorf("got %s with a key and %s with another, %v; want the same without any", shown, same, err)
		}
	})
}
