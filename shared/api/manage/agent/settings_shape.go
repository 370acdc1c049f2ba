package agent

import (
	"encoding/json"
	"time"

	"github.com/quintet-agents/quintet/shared/agent"
	"github.com/quintet-agents/quintet/shared/api/wire"
)

type (
	// settingsShape has null for what the deployment decides.
	settingsShape struct {
		Model              *string                  `json:"model"`
		Temperature        float64                  `json:"temperature"`
		MaxOutputTokens    *int                     `json:"max_output_tokens"`
		Stop               []string                 `json:"stop"`
		Provider           agent.Provider           `json:"provider"`
		BaseURL            *string                  `json:"base_url"`
		Region             *string                  `json:"region"`
		RoleARN            *string                  `json:"role_arn"`
		ProviderKeySet     bool                     `json:"provider_key_set"`
		Caps               capsShape                `json:"caps"`
		CallerInstructions agent.CallerInstructions `json:"caller_instructions"`
	}
	capsShape struct {
		Rounds  *int         `json:"rounds"`
		Seconds *int         `json:"seconds"`
		Credits *json.Number `json:"credits"`
	}

	// versionSettings are settings with the version that has them.
	versionSettings struct {
		Version versionShape `json:"version"`
		settingsShape
	}
)

func settingsOf(s agent.Settings) settingsShape {
	shape := settingsShape{
		Model: wire.Nullable(s.Model), Temperature: s.Temperature, Stop: s.Stop, Provider: agent.Hosted,
		BaseURL: wire.Nullable(s.BaseURL), Region: wire.Nullable(s.Region), RoleARN: wire.Nullable(s.RoleARN),
		ProviderKeySet: len(s.ProviderKey) > 0, Caps: capsShape{Rounds: s.Caps.Rounds}, CallerInstructions: agent.Append,
	}
	if s.MaxOutputTokens > 0 {
		shape.MaxOutputTokens = &s.MaxOutputTokens
	}
	if s.Stop == nil {
		shape.Stop = []string{}
	}
	if s.Provider != "" {
		shape.Provider = s.Provider
	}
	if s.CallerInstructions != "" {
		shape.CallerInstructions = s.CallerInstructions
	}
	if s.Caps.Time > 0 {
		shape.Caps.Seconds = new(int(s.Caps.Time / time.Second))
	}
	if s.Caps.Credits > 0 {
		shape.Caps.Credits = new(s.Caps.Credits.Number())
	}
	return shape
}

func versionSettingsOf(v agent.Version) versionSettings {
	return versionSettings{Version: versionOf(v), settingsShape: settingsOf(v.Settings)}
}
