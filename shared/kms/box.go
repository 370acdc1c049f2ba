// Package kms seals secrets with a key of AWS KMS.
package kms

import (
	"context"
	"fmt"

	"github.com/quintet-agents/quintet/shared/awscall"
)

// Box encrypts with one KMS key and with the org as encryption context, so that a secret of
// one org cannot be decrypted for another.
type Box struct {
	KMS   awscall.Service
	KeyID string
}

// Seal encrypts a secret of an org.
func (b Box) Seal(ctx context.Context, orgID, plain string) ([]byte, error) {
	return b.encrypt(ctx, of(orgID), plain)
}

// Open decrypts a sealed secret of an org.
func (b Box) Open(ctx context.Context, orgID string, sealed []byte) (string, error) {
	return b.decrypt(ctx, of(orgID), sealed)
}

func of(orgID string) map[string]string { return map[string]string{"org_id": orgID} }

// call has the fields of both operations that the package uses.
type call struct {
	KeyID             string            `json:"KeyId"`
	Plaintext         []byte            `json:"Plaintext,omitempty"`
	CiphertextBlob    []byte            `json:"CiphertextBlob,omitempty"`
	EncryptionContext map[string]string `json:"EncryptionContext"`
}

func (b Box) encrypt(ctx context.Context, within map[string]string, plain string) ([]byte, error) {
	var out struct{ CiphertextBlob []byte }
	err := b.KMS.JSON(ctx, "TrentService.Encrypt", call{KeyID: b.KeyID, Plaintext: []byte(plain), EncryptionContext: within}, &out)
	if err != nil {
		return nil, fmt.Errorf("seal a secret: %w", err)
	}
	return out.CiphertextBlob, nil
}

func (b Box) decrypt(ctx context.Context, within map[string]string, sealed []byte) (string, error) {
	var out struct{ Plaintext []byte }
	err := b.KMS.JSON(ctx, "TrentService.Decrypt", call{KeyID: b.KeyID, CiphertextBlob: sealed, EncryptionContext: within}, &out)
	if err != nil {
		return "", fmt.Errorf("open a secret: %w", err)
	}
	return string(out.Plaintext), nil
}
