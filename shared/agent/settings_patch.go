package agent

import (
	"time"

	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/ledger"
)

// SettingsPatch is a change of settings; nil fields stay unchanged. A pointer to a zero value
// gives a field its default.
type SettingsPatch struct {
	Model              *string
	Temperature        *float64
	MaxOutputTokens    *int
	Stop               *[]string
	Provider           *Provider
	BaseURL            *string
	Region             *string
	RoleARN            *string
	ProviderKey        *[]byte // sealed
	Rounds             **int
	Time               *time.Duration
	Credits            *ledger.Credits
	CallerInstructions *CallerInstructions
}

// Apply returns the changed settings, or an Invalid error if they do not fit together.
//
// Another provider starts without model, address and credentials: those of the former are
// not its own. A stored key, which nobody can read, never follows another base URL: that
// would show it to any server.
func (p SettingsPatch) Apply(s Settings) (Settings, error) {
	if p.Provider != nil && *p.Provider != s.provider() {
		s.Model, s.BaseURL, s.Region, s.RoleARN, s.ProviderKey = "", "", "", "", nil
		s.Provider = *p.Provider
	}
	if p.BaseURL != nil && *p.BaseURL != s.BaseURL && len(s.ProviderKey) > 0 && p.ProviderKey == nil {
		return s, fault.Field("provider_key", "provider_key must be sent again, or be null, with another base_url")
	}
	set(&s.Model, p.Model)
	set(&s.Temperature, p.Temperature)
	set(&s.MaxOutputTokens, p.MaxOutputTokens)
	set(&s.Stop, p.Stop)
	set(&s.BaseURL, p.BaseURL)
	set(&s.Region, p.Region)
	set(&s.RoleARN, p.RoleARN)
	set(&s.ProviderKey, p.ProviderKey)
	set(&s.Caps.Rounds, p.Rounds)
	set(&s.Caps.Time, p.Time)
	set(&s.Caps.Credits, p.Credits)
	set(&s.CallerInstructions, p.CallerInstructions)
	return s, s.Check()
}

func set[T any](field, value *T) {
	if value != nil {
		*field = *value
	}
}

func (s Settings) provider() Provider {
	if s.Provider == "" {
		return Hosted
	}
	return s.Provider
}
