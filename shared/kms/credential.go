package kms

import (
	"context"

	"github.com/quintet-agents/quintet/shared/connection"
)

// SealCredential encrypts one secret of a connection. Org, connection, channel and name are
// its encryption context, so that it opens for nothing else, and so that a policy can allow a
// function to open the secrets of one channel.
func (b Box) SealCredential(ctx context.Context, o connection.Owner, name, plain string) ([]byte, error) {
	return b.encrypt(ctx, ofCredential(o, name), plain)
}

// OpenCredential decrypts what SealCredential has encrypted for the same owner and name.
func (b Box) OpenCredential(ctx context.Context, o connection.Owner, name string, sealed []byte) (string, error) {
	return b.decrypt(ctx, ofCredential(o, name), sealed)
}

func ofCredential(o connection.Owner, name string) map[string]string {
	return map[string]string{"org_id": o.OrgID, "connection_id": o.ConnectionID, "channel": string(o.Channel), "credential": name}
}
