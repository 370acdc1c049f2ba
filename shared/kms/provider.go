package kms

import "context"

// providerKey is the purpose of sealed keys of model providers, in their encryption context.
// A policy can allow a function to open these alone.
const providerKey = "provider_key"

// SealProviderKey encrypts the key of an org's own model provider for one agent, so that it
// opens for no other agent and no other purpose.
func (b Box) SealProviderKey(ctx context.Context, orgID, agentID, plain string) ([]byte, error) {
	return b.encrypt(ctx, ofProvider(orgID, agentID), plain)
}

// OpenProviderKey decrypts what SealProviderKey has encrypted for the same agent.
func (b Box) OpenProviderKey(ctx context.Context, orgID, agentID string, sealed []byte) (string, error) {
	return b.decrypt(ctx, ofProvider(orgID, agentID), sealed)
}

func ofProvider(orgID, agentID string) map[string]string {
	return map[string]string{"org_id": orgID, "agent_id": agentID, "purpose": providerKey}
}
