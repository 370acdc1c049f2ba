// Package kms seals secrets with a key of AWS KMS.
package kms

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/kms"
)

// Box encrypts with one KMS key and with the org as encryption context, so that a secret of
// one org cannot be decrypted for another.
type Box struct {
	Client *kms.Client
	KeyID  string
}

// Seal encrypts a secret of an org.
func (b Box) Seal(ctx context.Context, orgID, plain string) ([]byte, error) {
	out, err := b.Client.Encrypt(ctx, &kms.EncryptInput{KeyId: &b.KeyID, Plaintext: []byte(plain), EncryptionContext: of(orgID)})
	if err != nil {
		return nil, err
	}
	return out.CiphertextBlob, nil
}

// Open decrypts a sealed secret of an org.
func (b Box) Open(ctx context.Context, orgID string, sealed []byte) (string, error) {
	out, err := b.Client.Decrypt(ctx, &kms.DecryptInput{KeyId: &b.KeyID, CiphertextBlob: sealed, EncryptionContext: of(orgID)})
	if err != nil {
		return "", err
	}
	return string(out.Plaintext), nil
}

func of(orgID string) map[string]string { return map[string]string{"org_id": orgID} }
