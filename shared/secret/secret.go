// Package secret keeps what signs requests: secrets that a customer sees once
// and that lie sealed in the table.
package secret

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"time"
)

const (
	prefix = "whsec_"
	size   = 32 // bytes; the specification wants 24 to 64
)

// Overlap is how long the secret before signs beside its successor.
const Overlap = 24 * time.Hour

// New makes a signing secret after the Standard Webhooks specification.
func New() string {
	key := make([]byte, size)
	_, _ = rand.Read(key) // never fails
	return prefix + base64.StdEncoding.EncodeToString(key)
}

// Box seals secrets for an org. What was sealed for one does not open for
// another.
type Box interface {
	Seal(ctx context.Context, orgID, plain string) (sealed []byte, err error)
	Open(ctx context.Context, orgID string, sealed []byte) (plain string, err error)
}

// Pair is a secret as it lies in the table, with the one before.
type Pair struct {
	Current  []byte
	Previous []byte    // empty: there is none
	Until    time.Time // when the previous one stops to sign
	Version  int       // counts rotations
}

// Store keeps pairs, by org and by what they sign for.
type Store interface {
	// SecretPair returns a zero pair when there is none.
	SecretPair(ctx context.Context, orgID, name string) (Pair, error)

	// PutSecretPair stores a pair unless its version was stored before, and
	// reports whether it did.
	PutSecretPair(ctx context.Context, orgID, name string, p Pair) (bool, error)
}
