// Package secret manages signing secrets: the customer sees one once, the table stores it
// sealed.
package secret

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"time"

	"github.com/quintet-agents/quintet/shared/idempotency"
)

const (
	prefix = "whsec_"
	size   = 32 // bytes; the specification wants 24 to 64
)

// Overlap is the time for which a rotated secret stays valid together with its successor.
const Overlap = 24 * time.Hour

// New generates a signing secret in the form of the Standard Webhooks specification.
func New() string {
	key := make([]byte, size)
	_, _ = rand.Read(key) // never fails
	return prefix + base64.StdEncoding.EncodeToString(key)
}

// Box encrypts secrets. A secret of one org cannot be decrypted for another.
type Box interface {
	Seal(ctx context.Context, orgID, plain string) (sealed []byte, err error)
	Open(ctx context.Context, orgID string, sealed []byte) (plain string, err error)
}

// Pair is a stored secret with its predecessor, both sealed.
type Pair struct {
	Current  []byte
	Previous []byte    // empty: no predecessor
	Until    time.Time // expiry of Previous
	Version  int       // number of rotations
}

// Store keeps pairs, by org and by name.
type Store interface {
	// SecretPair returns a zero pair when there is none.
	SecretPair(ctx context.Context, orgID, name string) (Pair, error)

	// PutSecretPair stores a pair unless its version was stored before, and
	// reports whether it did.
	PutSecretPair(ctx context.Context, once *idempotency.Change, orgID, name string, p Pair) (bool, error)
}
