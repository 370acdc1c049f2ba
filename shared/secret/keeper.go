package secret

import (
	"context"
	"time"

	"github.com/quintet-agents/quintet/shared/recall"
)

// Keeper makes, opens and rotates secrets. It asks the store each time, so that a
// rotation is everybody's at once, and opens what it gets only the first time.
type Keeper struct {
	Store Store
	Box   Box
	Now   func() time.Time

	plain recall.Memory[string] // by org and what is sealed
}

// Signing returns the secrets that sign for a name, the current one first. The
// first call for a name makes its secret.
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

// make stores the first secret of a name, or finds the one that somebody else
// has stored meanwhile.
func (k *Keeper) make(ctx context.Context, orgID, name string) (Pair, error) {
	_, sealed, err := k.Mint(ctx, orgID)
	if err != nil {
		return Pair{}, err
	}
	first := Pair{Current: sealed, Version: 1}
	stored, err := k.Store.PutSecretPair(ctx, orgID, name, first)
	if err != nil || stored {
		return first, err
	}
	return k.Store.SecretPair(ctx, orgID, name)
}

// Mint makes the first secret of something that is about to be stored, and
// returns it with what is to be stored of it.
func (k *Keeper) Mint(ctx context.Context, orgID string) (plain string, sealed []byte, err error) {
	plain = New()
	sealed, err = k.Box.Seal(ctx, orgID, plain)
	return plain, sealed, err
}

// Rotate gives a name a new secret and returns it. The one before goes on to
// sign for Overlap; of two rotations at a time the second replaces the first.
func (k *Keeper) Rotate(ctx context.Context, orgID, name string) (string, error) {
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
		stored, err := k.Store.PutSecretPair(ctx, orgID, name, next)
		if err != nil {
			return "", err
		}
		if stored {
			return plain, nil
		}
	}
}
