package dynamo

import (
	"time"

	"github.com/quintet-agents/quintet/shared/agent"
	"github.com/quintet-agents/quintet/shared/ledger"
)

// agentSettingsRow has the settings of a version within other rows. Defaults take no space.
type agentSettingsRow struct {
	Model              string   `dynamodbav:"model,omitempty"`
	Temperature        *float64 `dynamodbav:"temperature,omitempty"` // nil: stored before versions had settings
	MaxOutputTokens    int      `dynamodbav:"max_output_tokens,omitempty"`
	Stop               []string `dynamodbav:"stop,omitempty"`
	Provider           string   `dynamodbav:"provider,omitempty"`
	BaseURL            string   `dynamodbav:"base_url,omitempty"`
	Region             string   `dynamodbav:"region,omitempty"`
	RoleARN            string   `dynamodbav:"role_arn,omitempty"`
	ProviderKey        []byte   `dynamodbav:"provider_key,omitempty"` // sealed
	MaxRounds          *int     `dynamodbav:"max_rounds,omitempty"`
	MaxMilliseconds    int64    `dynamodbav:"max_ms,omitempty"`
	MaxCredits         int64    `dynamodbav:"max_credits,omitempty"` // micro-credits
	CallerInstructions string   `dynamodbav:"caller_instructions,omitempty"`
}

func agentSettingsRowOf(s agent.Settings) agentSettingsRow {
	return agentSettingsRow{
		Model: s.Model, Temperature: &s.Temperature, MaxOutputTokens: s.MaxOutputTokens, Stop: s.Stop,
		Provider: string(s.Provider), BaseURL: s.BaseURL, Region: s.Region, RoleARN: s.RoleARN, ProviderKey: s.ProviderKey,
		MaxRounds: s.Caps.Rounds, MaxMilliseconds: s.Caps.Time.Milliseconds(), MaxCredits: int64(s.Caps.Credits),
		CallerInstructions: string(s.CallerInstructions),
	}
}

func (r agentSettingsRow) settings() agent.Settings {
	s := agent.Settings{
		Model: r.Model, Temperature: agent.DefaultTemperature, MaxOutputTokens: r.MaxOutputTokens, Stop: r.Stop,
		Provider: agent.Provider(r.Provider), BaseURL: r.BaseURL, Region: r.Region, RoleARN: r.RoleARN, ProviderKey: r.ProviderKey,
		Caps: agent.Caps{
			Rounds: r.MaxRounds, Time: time.Duration(r.MaxMilliseconds) * time.Millisecond, Credits: ledger.Credits(r.MaxCredits),
		},
		CallerInstructions: agent.CallerInstructions(r.CallerInstructions),
	}
	if r.Temperature != nil {
		s.Temperature = *r.Temperature
	}
	return s
}
