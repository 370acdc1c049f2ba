package agent

import (
	"time"

	"github.com/quintet-agents/quintet/shared/agent"
	"github.com/quintet-agents/quintet/shared/api/wire/body"
	"github.com/quintet-agents/quintet/shared/delivery"
	"github.com/quintet-agents/quintet/shared/ledger"
)

// readSettings reads a change of settings. A null gives a field its default again. key is the
// plain form of a new provider_key.
func readSettings(fields body.Object) (p agent.SettingsPatch, key string, err error) {
	fields = fields.Allow(
		"model", "temperature", "max_output_tokens", "stop", "provider", "base_url", "region", "role_arn", "provider_key",
		"caps", "caller_instructions",
	)
	for _, read := range []func(body.Object, *agent.SettingsPatch) error{readSampling, readProvider, readCaps} {
		if err := read(fields, &p); err != nil {
			return p, "", err
		}
	}
	plain, err := readText(fields, "provider_key", agent.ProviderKeyRule, agent.ValidateProviderKey)
	if err != nil {
		return p, "", err
	}
	if plain != nil {
		p.ProviderKey, key = new([]byte(nil)), *plain
	}
	if p == (agent.SettingsPatch{}) {
		return p, "", fields.NoChange()
	}
	return p, key, nil
}

// readSampling reads what a request to the model has.
func readSampling(fields body.Object, p *agent.SettingsPatch) (err error) {
	if p.Model, err = readText(fields, "model", agent.ModelRule, agent.ValidateModel); err != nil {
		return err
	}
	if p.Temperature, err = fields.OptionalNumber("temperature", 0, agent.MaxTemperature); err != nil {
		return err
	}
	if fields.IsNull("temperature") {
		p.Temperature = new(agent.DefaultTemperature)
	}
	if p.MaxOutputTokens, err = fields.OptionalInt("max_output_tokens", 1, agent.MaxOutputTokens); err != nil {
		return err
	}
	if fields.IsNull("max_output_tokens") {
		p.MaxOutputTokens = new(int)
	}
	stop, err := fields.OptionalStrings("stop", agent.StopRule)
	if err != nil {
		return err
	}
	if stop != nil || fields.IsNull("stop") {
		p.Stop = &stop
	}
	choice, err := fields.OptionalOneOf("caller_instructions", string(agent.Append), string(agent.Ignore), string(agent.Refuse))
	if err != nil {
		return err
	}
	if choice != "" || fields.IsNull("caller_instructions") {
		p.CallerInstructions = new(agent.CallerInstructions(choice))
	}
	return agent.ValidateStop(stop)
}

// readProvider reads who runs the model, except for the key.
func readProvider(fields body.Object, p *agent.SettingsPatch) (err error) {
	provider, err := fields.OptionalOneOf("provider", string(agent.Hosted), string(agent.Bedrock), string(agent.OpenAI))
	if err != nil {
		return err
	}
	if fields.IsNull("provider") {
		provider = string(agent.Hosted)
	}
	if provider != "" {
		p.Provider = new(agent.Provider(provider))
	}
	if p.BaseURL, err = readText(fields, "base_url", delivery.URLRule, func(string) error { return nil }); err != nil {
		return err
	}
	if p.BaseURL != nil {
		if *p.BaseURL, err = agent.CleanBaseURL(*p.BaseURL); err != nil {
			return err
		}
	}
	if p.Region, err = readText(fields, "region", agent.RegionRule, agent.ValidateRegion); err != nil {
		return err
	}
	p.RoleARN, err = readText(fields, "role_arn", agent.RoleRule, agent.ValidateRoleARN)
	return err
}

// readCaps reads the caps of a turn. A null removes all of them.
func readCaps(fields body.Object, p *agent.SettingsPatch) error {
	const field, second = "caps", time.Second
	if fields.IsNull(field) {
		p.Rounds, p.Time, p.Credits = new(*int), new(time.Duration), new(ledger.Credits)
		return nil
	}
	child, ok, err := fields.OptionalChild(field)
	if err != nil || !ok {
		return err
	}
	child = child.Allow("rounds", "seconds", "credits")
	rounds, err := child.OptionalInt("rounds", 0, agent.MaxRounds)
	if err != nil {
		return err
	}
	seconds, err := child.OptionalInt("seconds", 1, int(agent.MaxTime/second))
	if err != nil {
		return err
	}
	if p.Credits, err = child.OptionalCredits("credits", agent.MinCredits, ledger.MaxBalance); err != nil {
		return err
	}
	if rounds != nil || child.IsNull("rounds") {
		p.Rounds = &rounds
	}
	switch {
	case seconds != nil:
		p.Time = new(time.Duration(*seconds) * second)
	case child.IsNull("seconds"):
		p.Time = new(time.Duration)
	}
	if child.IsNull("credits") {
		p.Credits = new(ledger.Credits)
	}
	if p.Rounds == nil && p.Time == nil && p.Credits == nil {
		return child.NoChange()
	}
	return nil
}

// readText reads an optional text; a null is an empty one.
func readText(fields body.Object, field, rule string, validate func(string) error) (*string, error) {
	text, err := fields.OptionalString(field, rule)
	switch {
	case err != nil:
		return nil, err
	case fields.IsNull(field):
		return new(""), nil
	case text == nil:
		return nil, nil
	}
	return text, validate(*text)
}
