package agent_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/quintet-agents/quintet/shared/agent"
	"github.com/quintet-agents/quintet/shared/fault"
)

var ownServer = agent.Settings{
	Provider: agent.OpenAI, Model: "m", Temperature: 0.5, BaseURL: "https://a.example/v1", ProviderKey: []byte("sealed"),
}

// Another provider keeps nothing that belongs to the former one.
func TestSettingsPatch_AnotherProvider(t *testing.T) {
	for name, c := range map[string]struct {
		patch agent.SettingsPatch
		want  agent.Settings
	}{
		"hosted": {
			agent.SettingsPatch{Provider: new(agent.Hosted)}, agent.Settings{Provider: agent.Hosted, Temperature: 0.5},
		},
		"bedrock": {
			agent.SettingsPatch{Provider: new(agent.Bedrock), Model: new("n"), Region: new("eu-west-1"), ProviderKey: new([]byte("new"))},
			agent.Settings{Provider: agent.Bedrock, Model: "n", Temperature: 0.5, Region: "eu-west-1", ProviderKey: []byte("new")},
		},
		"the same": {
			agent.SettingsPatch{Provider: new(agent.OpenAI), Temperature: new(2.0)},
			agent.Settings{Provider: agent.OpenAI, Model: "m", Temperature: 2, BaseURL: "https://a.example/v1", ProviderKey: []byte("sealed")},
		},
	} {
		got, err := c.patch.Apply(ownServer)
		if d := cmp.Diff(c.want, got); err != nil || d != "" {
			t.Errorf("%s: got error %v, settings (-want +got):\n%s", name, err, d)
		}
	}
	// An agent whose provider was never set has the hosted one.
	old := agent.Settings{Model: "m", Temperature: 0.5}
	if got, err := (agent.SettingsPatch{Provider: new(agent.Hosted)}).Apply(old); err != nil || got.Model != "m" {
		t.Errorf("got %+v, %v; want the model kept", got, err)
	}
}

// A stored key goes to no other server than the one it was stored for.
func TestSettingsPatch_KeyStaysWithBaseURL(t *testing.T) {
	other := "https://b.example/v1"
	_, err := agent.SettingsPatch{BaseURL: &other}.Apply(ownServer)
	if e := fault.From(err); e == nil || e.Field != "provider_key" {
		t.Errorf("got %v, want an error of provider_key", err)
	}
	got, err := agent.SettingsPatch{BaseURL: &other, ProviderKey: new([]byte(nil))}.Apply(ownServer)
	if err != nil || got.BaseURL != other || len(got.ProviderKey) > 0 {
		t.Errorf("got %+v, %v; want the other URL without a key", got, err)
	}
	got, err = agent.SettingsPatch{BaseURL: &other, ProviderKey: new([]byte("new"))}.Apply(ownServer)
	if err != nil || string(got.ProviderKey) != "new" {
		t.Errorf("got %+v, %v; want the new key", got, err)
	}
	if got, err = (agent.SettingsPatch{BaseURL: new(ownServer.BaseURL)}).Apply(ownServer); err != nil || string(got.ProviderKey) != "sealed" {
		t.Errorf("got %+v, %v; want the stored key with the same URL", got, err)
	}
}

func TestSettings_Check(t *testing.T) {
	bedrock := agent.Settings{Provider: agent.Bedrock, Model: "m", Region: "eu-west-1", RoleARN: "arn:aws:iam::123456789012:role/quintet-r"}
	for name, c := range map[string]struct {
		of     agent.Settings
		change func(*agent.Settings)
		field  string // empty: the settings are accepted
	}{
		"hosted":                 {agent.Settings{}, func(*agent.Settings) {}, ""},
		"a server without a key": {ownServer, func(s *agent.Settings) { s.ProviderKey = nil }, ""},
		"a role":                 {bedrock, func(*agent.Settings) {}, ""},
		"a key of Bedrock":       {bedrock, func(s *agent.Settings) { s.RoleARN, s.ProviderKey = "", []byte("k") }, ""},
		"hot":                    {bedrock, func(s *agent.Settings) { s.Temperature = 1.1 }, "temperature"},
		"no model":               {bedrock, func(s *agent.Settings) { s.Model = "" }, "model"},
		"no region":              {bedrock, func(s *agent.Settings) { s.Region = "" }, "region"},
		"no credentials":         {bedrock, func(s *agent.Settings) { s.RoleARN = "" }, "role_arn"},
		"both credentials":       {bedrock, func(s *agent.Settings) { s.ProviderKey = []byte("k") }, "role_arn"},
		"a URL of Bedrock":       {bedrock, func(s *agent.Settings) { s.BaseURL = "https://a.example" }, "base_url"},
		"no URL":                 {ownServer, func(s *agent.Settings) { s.BaseURL = "" }, "base_url"},
		"a region of a server":   {ownServer, func(s *agent.Settings) { s.Region = "eu-west-1" }, "region"},
		"a role of a server":     {ownServer, func(s *agent.Settings) { s.RoleARN = "r" }, "role_arn"},
		"a hosted key":           {agent.Settings{}, func(s *agent.Settings) { s.ProviderKey = []byte("k") }, "provider_key"},
	} {
		s := c.of
		c.change(&s)
		err := s.Check()
		if e := fault.From(err); c.field == "" && err != nil || c.field != "" && (e == nil || e.Code != fault.Invalid || e.Field != c.field) {
			t.Errorf("%s: got %v, want an error of %q", name, err, c.field)
		}
	}
}

// A region is a part of a host name, so it must not end that name early.
func TestValidateRegion(t *testing.T) {
	for text, ok := range map[string]bool{
		"us-east-1": true, "ap-southeast-12": true, "us-gov-west-1": true, "us-isob-east-1": true, "eusc-de-east-1": true,
		"": false, "US-EAST-1": false, "us-east-1.evil.example": false, "us-east-1/": false, "us-east-1#": false, "us-east-1\n": false,
		"a.example/us-east-1": false, strings.Repeat("a", 40) + "-b-1": false,
	} {
		if err := agent.ValidateRegion(text); ok != (err == nil) {
			t.Errorf("%q: got %v, want it accepted: %t", text, err, ok)
		}
	}
}
