package kms

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/quintet-agents/quintet/shared/agent"
)

// SealAgentSecret encrypts a secret of an agent. Org, agent and purpose are its encryption
// context, so that it opens for nothing else, and so that a policy can allow a function to
// open the secrets of one purpose.
func (b Box) SealAgentSecret(ctx context.Context, orgID, agentID string, s agent.Secret, plain string) ([]byte, error) {
	out, err := b.Client.Encrypt(ctx, &kms.EncryptInput{
		KeyId: &b.KeyID, Plaintext: []byte(plain), EncryptionContext: ofAgent(orgID, agentID, s),
	})
	if err != nil {
		return nil, err
	}
	return out.CiphertextBlob, nil
}

// OpenAgentSecret decrypts what SealAgentSecret has encrypted for the same agent and
// purpose.
func (b Box) OpenAgentSecret(ctx context.Context, orgID, agentID string, s agent.Secret, sealed []byte) (string, error) {
	out, err := b.Client.Decrypt(ctx, &kms.DecryptInput{
		KeyId: &b.KeyID, CiphertextBlob: sealed, EncryptionContext: ofAgent(orgID, agentID, s),
	})
	if err != nil {
		return "", err
	}
	return string(out.Plaintext), nil
}

func ofAgent(orgID, agentID string, s agent.Secret) map[string]string {
	return map[string]string{"org_id": orgID, "agent_id": agentID, "purpose": string(s)}
}
