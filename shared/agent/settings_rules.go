package agent

import (
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/ledger"
)

// Bounds of settings.
const (
	MaxModel        = 256 // bytes
	MaxTemperature  = 2.0 // of OpenAI; Bedrock's is 1
	MaxOutputTokens = 4096
	MaxStop         = 4  // sequences, as many as OpenAI takes
	MaxStopText     = 64 // characters
	MaxProviderKey  = 2000
	MaxRounds       = 8
	MaxTime         = 10 * time.Minute // the timeout of a chat function
	MinCredits      = ledger.Credit / 1000
	maxHosted       = 1.0 // Bedrock's highest temperature
	maxRoleARN      = 256
)

// The rules of settings, for errors.
var (
	ModelRule       = fmt.Sprintf("must be a string of 1 to %d visible ASCII characters", MaxModel)
	StopRule        = fmt.Sprintf("must be a list of at most %d strings of 1 to %d characters, each with a visible one", MaxStop, MaxStopText)
	RegionRule      = "must be an AWS region such as eu-central-1"
	RoleRule        = "must be the ARN of an IAM role whose name begins with quintet-"
	ProviderKeyRule = fmt.Sprintf("must be a string of 1 to %d visible ASCII characters", MaxProviderKey)
)

// ValidateModel returns an Invalid error for a text that can be no id of a model.
func ValidateModel(model string) error { return visible("model", model, MaxModel, ModelRule) }

// ValidateProviderKey returns an Invalid error for a text that can be no key of a provider.
func ValidateProviderKey(key string) error {
	return visible("provider_key", key, MaxProviderKey, ProviderKeyRule)
}

// visible returns an error unless a text has 1 to most visible ASCII characters and no
// others.
func visible(field, text string, most int, rule string) error {
	if text == "" || len(text) > most || strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return fault.Rule(field, rule)
	}
	return nil
}

// ValidateStop returns an Invalid error for stop sequences that a provider may refuse.
// Anthropic's models take none of white space alone.
func ValidateStop(stop []string) error {
	if len(stop) > MaxStop {
		return fault.Rule("stop", StopRule)
	}
	for _, s := range stop {
		if strings.TrimSpace(s) == "" || utf8.RuneCountInString(s) > MaxStopText {
			return fault.Rule("stop", StopRule)
		}
	}
	return nil
}

// Regions are a part of the host that requests with a key go to.
var (
	region = regexp.MustCompile(`^[a-z]{2,4}(-[a-z]{1,12}){1,3}-[0-9]{1,2}$`)
	role   = regexp.MustCompile(`^arn:aws(-[a-z]+){0,3}:iam::[0-9]{12}:role/quintet-[A-Za-z0-9+=,.@_/-]+$`) // policies allow these names
)

// ValidateRegion returns an Invalid error for a text that is no AWS region.
func ValidateRegion(text string) error {
	if !region.MatchString(text) {
		return fault.Rule("region", RegionRule)
	}
	return nil
}

// ValidateRoleARN returns an Invalid error for a text that is no ARN of a role.
func ValidateRoleARN(text string) error {
	if len(text) > maxRoleARN || !role.MatchString(text) {
		return fault.Rule("role_arn", RoleRule)
	}
	return nil
}

// CleanBaseURL returns a base URL without slashes at its end, or an Invalid error for one
// that no path can follow. It does not check the host; see delivery.URLs.
func CleanBaseURL(url string) (string, error) {
	if strings.ContainsAny(url, "?#") {
		return "", fault.Field("base_url", "base_url must not have a query or a fragment")
	}
	return strings.TrimRight(url, "/"), nil
}

// Check returns an Invalid error for settings that do not fit together.
func (s Settings) Check() error {
	own, openAI, bedrock := s.Provider.Own(), s.Provider == OpenAI, s.Provider == Bedrock
	for _, c := range []struct {
		wrong       bool
		field, text string
	}{
		{s.Temperature > maxHosted && !openAI, "temperature", "temperature must be at most 1, except with the provider openai"},
		{own && s.Model == "", "model", "model is required with a provider of your own"},
		{!openAI && s.BaseURL != "", "base_url", "base_url must be left out: only the provider openai has it"},
		{openAI && s.BaseURL == "", "base_url", "base_url is required with the provider openai"},
		{!bedrock && s.Region != "", "region", "region must be left out: only the provider bedrock has it"},
		{bedrock && s.Region == "", "region", "region is required with the provider bedrock"},
		{!bedrock && s.RoleARN != "", "role_arn", "role_arn must be left out: only the provider bedrock has it"},
		{!own && len(s.ProviderKey) > 0, "provider_key", "provider_key must be left out: the provider hosted has none"},
		{bedrock && s.RoleARN == "" && len(s.ProviderKey) == 0, "role_arn", "role_arn or provider_key is required with the provider bedrock"},
		{bedrock && s.RoleARN != "" && len(s.ProviderKey) > 0, "role_arn", "role_arn and provider_key exclude each other: set one of them to null"},
	} {
		if c.wrong {
			return fault.Field(c.field, "%s", c.text)
		}
	}
	return nil
}
