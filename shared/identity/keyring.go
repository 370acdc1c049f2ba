package identity

import (
	"context"
	"time"

	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/recall"
)

// keyring reads keys and caches them for some seconds.
type keyring struct {
	rows  Reader
	now   func() time.Time
	known recall.Rows[Key]
}

// live returns the Key of a raw key, or ErrUnauthorized if it is unknown or revoked.
func (k *keyring) live(ctx context.Context, raw string) (Key, error) {
	key, err := k.known.Get(ctx, k.now(), Hash(raw), k.rows.KeyByHash)
	switch {
	case fault.Is(err, fault.NotFound):
		return Key{}, ErrUnauthorized
	case err != nil:
		return Key{}, err
	case !key.RevokedAt.IsZero():
		return Key{}, ErrUnauthorized
	}
	return key, nil
}
