package agent

import (
	"time"

	"github.com/quintet-agents/quintet/shared/ledger"
)

// Settings are how a version answers. The zero value of a field means the default of the
// deployment, except Temperature.
type Settings struct {
	Model           string  // the provider's id of the model
	Temperature     float64 // see DefaultTemperature
	MaxOutputTokens int     // of one model call
	Stop            []string
	Provider        Provider // empty: Hosted

	// BaseURL is the address of an OpenAI-compatible server, such as
	// https://api.example.com/v1. Region and RoleARN name the org's own Bedrock.
	BaseURL string
	Region  string
	RoleARN string

	// ProviderKey is the sealed key of the org's own provider; empty: none. Its plain form
	// is never stored, shown or logged.
	ProviderKey []byte

	Caps Caps

	CallerInstructions CallerInstructions // empty: Append
}

// Provider selects who runs the model of an agent.
type Provider string

// The providers. Turns on the org's own account with a provider count as BYOK.
const (
	Hosted  Provider = "hosted"  // the deployment's model
	Bedrock Provider = "bedrock" // the org's own Bedrock, by its role or key
	OpenAI  Provider = "openai"  // an OpenAI-compatible server with the org's key
)

// Own reports whether the org pays the provider itself.
func (p Provider) Own() bool { return p == Bedrock || p == OpenAI }

// Caps bound one turn. What is left out has the bound of the deployment.
type Caps struct {
	Rounds  *int          // of tool calls; 0: no tools are offered; nil: MaxRounds
	Time    time.Duration // from admission to the end of the answer
	Credits ledger.Credits
}

// CallerInstructions selects what happens with instructions that a request brings along,
// on a surface that takes them.
type CallerInstructions string

// The choices.
const (
	Append CallerInstructions = "append" // behind the agent's own
	Ignore CallerInstructions = "ignore"
	Refuse CallerInstructions = "refuse" // the request is Invalid
)
