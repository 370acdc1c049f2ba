package secret

import (
	"context"
	"sync"
	"time"
)

// remembered is how long an opened secret is used before the table is asked
// again. It is far less than Overlap, so that a rotation refuses no delivery.
const remembered = 5 * time.Minute

// maxRemembered bounds what is remembered; a process that meets more asks anew.
const maxRemembered = 1000

// Keeper makes, opens and rotates secrets.
type Keeper struct {
	Store Store
	Box   Box
	Now   func() time.Time

	mu   sync.Mutex
	open map[[2]string]opened
}

// opened is what a pair says in the clear.
type opened struct {
	current, previous string
	until             time.Time // of the previous one
	fresh             time.Time // when to look again
}

func (o opened) signing(now time.Time) []string {
	if o.previous != "" && now.Before(o.until) {
		return []string{o.current, o.previous}
	}
	return []string{o.current}
}

// Signing returns the secrets that sign for a name, the current one first. The
// first call for a name makes its secret.
func (k *Keeper) Signing(ctx context.Context, orgID, name string) ([]string, error) {
	now := k.Now()
	if o, ok := k.recall(orgID, name, now); ok {
		return o.signing(now), nil
	}
	pair, err := k.Store.SecretPair(ctx, orgID, name)
	if err != nil {
		return nil, err
	}
	if pair.Current == nil {
		if pair, err = k.make(ctx, orgID, name); err != nil {
			return nil, err
		}
	}
	o := opened{until: pair.Until, fresh: now.Add(remembered)}
	if o.current, err = k.Box.Open(ctx, orgID, pair.Current); err != nil {
		return nil, err
	}
	if len(pair.Previous) > 0 && now.Before(pair.Until) {
		if o.previous, err = k.Box.Open(ctx, orgID, pair.Previous); err != nil {
			return nil, err
		}
	}
	k.remember(orgID, name, o)
	return o.signing(now), nil
}

// make stores the first secret of a name, or finds the one that somebody else
// has stored meanwhile.
func (k *Keeper) make(ctx context.Context, orgID, name string) (Pair, error) {
	sealed, err := k.Box.Seal(ctx, orgID, New())
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

// Rotate gives a name a new secret and returns it. The one before goes on to
// sign for Overlap; of two rotations at a time the second replaces the first.
func (k *Keeper) Rotate(ctx context.Context, orgID, name string) (string, error) {
	plain := New()
	sealed, err := k.Box.Seal(ctx, orgID, plain)
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
			k.forget(orgID, name)
			return plain, nil
		}
	}
}

func (k *Keeper) recall(orgID, name string, now time.Time) (opened, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	o, ok := k.open[[2]string{orgID, name}]
	return o, ok && now.Before(o.fresh)
}

func (k *Keeper) remember(orgID, name string, o opened) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.open == nil || len(k.open) >= maxRemembered {
		k.open = map[[2]string]opened{}
	}
	k.open[[2]string{orgID, name}] = o
}

func (k *Keeper) forget(orgID, name string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	delete(k.open, [2]string{orgID, name})
}
