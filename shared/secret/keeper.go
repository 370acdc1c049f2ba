package secret

import (
	"context"
	"time"

	"github.com/quintet-agents/quintet/shared/idempotency"
	"github.com/quintet-agents/quintet/shared/recall"
)

// Keeper creates, decrypts and rotates signing secrets. It reads the store at each call, so
// that a rotation applies everywhere at once, and caches decrypted secrets.
type Keeper struct {
	Store Store
	Box   Box
	Now   func() time.Time

	plain recall.Memory[string] // by org and sealed secret
}

// Signing returns the secrets to sign with, the current one first. The first call for a
// name creates its secret.
func (k *Keeper) Signing(ctx context.Context, orgID, name string) ([]string, error) {
	pair, err := k.Store.SecretPair(ctx, orgID, name)
	if err != nil {
		return nil, err
	}
	if pair.Current == nil {
		if pair, err = k.make(ctx, orgID, name); err != nil {
			return nil, err
		}
	}
	sealed := [][]byte{pair.Current}
	if len(pair.Previous) > 0 && k.Now().Before(pair.Until) {
		sealed = append(sealed, pair.Previous)
	}
	secrets := make([]string, 0, len(sealed))
	for _, s := range sealed {
		plain, err := k.open(ctx, orgID, s)
		if err != nil {
			return nil, err
		}
		secrets = append(secrets, plain)
	}
	return secrets, nil
}

// Prepare creates the secret of a name unless there is one, so that a function that signs
// with it later only needs the right to decrypt.
func (k *Keeper) Prepare(ctx context.Context, orgID, name string) error {
	pair, err := k.Store.SecretPair(ctx, orgID, name)
	if err == nil && pair.Current == nil {
		_, err = k.make(ctx, orgID, name)
	}
	return err
}

func (k *Keeper) open(ctx context.Context, orgID string, sealed []byte) (string, error) {
	name := orgID + " " + string(sealed)
	if plain := k.plain.Of(name); plain != "" {
		return plain, nil
	}
	plain, err := k.Box.Open(ctx, orgID, sealed)
	if err != nil {
		return "", err
	}
	k.plain.Learn(name, plain)
	return plain, nil
}

// make stores the first secret of a name, or returns the one that a concurrent call has
// stored.
func (k *Keeper) make(ctx context.Context, orgID, name string) (Pair, error) {
	_, sealed, err := k.Mint(ctx, orgID)
	if err != nil {
		return Pair{}, err
	}
	first := Pair{Current: sealed, Version: 1}
	stored, err := k.Store.PutSecretPair(ctx, nil, orgID, name, first)
	if err != nil || stored {
		return first, err
	}
	return k.Store.SecretPair(ctx, orgID, name)
}

// Mint creates the first secret of a resource that is about to be stored, and returns it
// with its sealed form for the table.
func (k *Keeper) Mint(ctx context.Context, orgID string) (plain string, sealed []byte, err error) {
	plain = New()
	sealed, err = k.Box.Seal(ctx, orgID, plain)
	return plain, sealed, err
}

// Rotate replaces the secret of a name and returns the new one. The previous one stays valid
// for Overlap. Of two concurrent rotations the later one wins.
func (k *Keeper) Rotate(ctx context.Context, once *idempotency.Change, orgID, name string) (string, error) {
	plain, sealed, err := k.Mint(ctx, orgID)
	if err != nil {
		return "", err
	}
	for {
		pair, err := k.Store.SecretPair(ctx, orgID, name)
		if err != nil {
			return "", err
		}
		next := Pair{Current: sealed, Previous: pair.Current, Until: k.Now().Add(Overlap), Version: pair.Version + 1}
		stored, err := k.Store.PutSecretPair(ctx, once, orgID, name, next)
		if err != nil {
			return "", err
		}
		if stored {
			return plain, nil
		}
	}
}
