package kms

import (
	"context"

	"github.com/quintet-agents/quintet/shared/agent"
)

// SealAgentSecret encrypts a secret of an agent. Org, agent and purpose are its encryption
// context, so that it opens for nothing else, and so that a policy can allow a function to
// open the secrets of one purpose.
func (b Box) SealAgentSecret(ctx context.Context, orgID, agentID string, s agent.Secret, plain string) ([]byte, error) {
	return b.encrypt(ctx, ofAgent(orgID, agentID, s), plain)
}

// OpenAgentSecret decrypts what SealAgentSecret has encrypted for the same agent and
// purpose.
func (b Box) OpenAgentSecret(ctx context.Context, orgID, agentID string, s agent.Secret, sealed []byte) (string, error) {
	return b.decrypt(ctx, ofAgent(orgID, agentID, s), sealed)
}

func ofAgent(orgID, agentID string, s agent.Secret) map[string]string {
	return map[string]string{"org_id": orgID, "agent_id": agentID, "purpose": string(s)}
}
