package kms

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/quintet-agents/quintet/shared/connection"
)

// SealCredential encrypts one secret of a connection. Org, connection, channel and name are
// its encryption context, so that it opens for nothing else, and so that a policy can allow a
// function to open the secrets of one channel.
func (b Box) SealCredential(ctx context.Context, o connection.Owner, name, plain string) ([]byte, error) {
	out, err := b.Client.Encrypt(ctx, &kms.EncryptInput{KeyId: &b.KeyID, Plaintext: []byte(plain), EncryptionContext: ofCredential(o, name)})
	if err != nil {
		return nil, err
	}
	return out.CiphertextBlob, nil
}

// OpenCredential decrypts what SealCredential has encrypted for the same owner and name.
func (b Box) OpenCredential(ctx context.Context, o connection.Owner, name string, sealed []byte) (string, error) {
	out, err := b.Client.Decrypt(ctx, &kms.DecryptInput{KeyId: &b.KeyID, CiphertextBlob: sealed, EncryptionContext: ofCredential(o, name)})
	if err != nil {
		return "", err
	}
	return string(out.Plaintext), nil
}

func ofCredential(o connection.Owner, name string) map[string]string {
	return map[string]string{"org_id": o.OrgID, "connection_id": o.ConnectionID, "channel": string(o.Channel), "credential": name}
}
