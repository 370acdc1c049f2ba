package agent

import "context"

// Secret is what a sealed secret of an agent is for. A secret opens only for its agent and
// its purpose.
type Secret string

// The secrets of agents.
const (
	ProviderSecret Secret = "provider_key" // Settings.ProviderKey
	HeaderSecret   Secret = "tool_header"  // a value of Tool.SecretHeaders
)

// Sealer seals secrets of agents. It cannot open them.
type Sealer interface {
	SealAgentSecret(ctx context.Context, orgID, agentID string, s Secret, plain string) ([]byte, error)
}
