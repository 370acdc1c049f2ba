package account

import (
	"context"
	"sync"
	"time"

	"github.com/quintet-agents/quintet/shared/fault"
)

// Caller is who a request speaks for.
type Caller struct {
	OrgID   string
	KeyID   string
	AgentID string // the only agent it may speak to; empty when it is not bound
}

// ID names the caller: its key or its user.
func (c Caller) ID() string { return c.KeyID }

// May reports an error unless the caller may use the given agent of its org.
func (c Caller) May(agentID string) error {
	if c.AgentID != "" && c.AgentID != agentID {
		return fault.New(fault.Forbidden, "This key belongs to another agent")
	}
	return nil
}

// MayManage reports an error for a key that is bound to an agent: such a key
// only chats and reads its agent.
func (c Caller) MayManage() error {
	if c.AgentID != "" {
		return fault.New(fault.Forbidden, "This key is bound to one agent and may only chat with it")
	}
	return nil
}

// KeyReader finds a key by its hash.
type KeyReader interface {
	// KeyByHash returns NotFound for a hash that no key has.
	KeyByHash(ctx context.Context, hash string) (Key, error)
}

// keyTTL keeps a revoked key from working longer than the 5 s we promise: it
// counts from before the read, and leaves a second for a slow one.
const keyTTL = 4 * time.Second

// maxCached bounds the cache; a process that meets more live keys than this
// within keyTTL reads some of them again.
const maxCached = 1000

// Authenticator turns raw keys into callers. It remembers live keys for
// keyTTL, so that a busy process does not read a key for each request.
type Authenticator struct {
	keys KeyReader
	now  func() time.Time

	mu    sync.Mutex
	cache map[string]cachedKey
}

type cachedKey struct {
	key     Key
	expires time.Time
}

// NewAuthenticator returns an Authenticator that reads from keys.
func NewAuthenticator(keys KeyReader, now func() time.Time) *Authenticator {
	return &Authenticator{keys: keys, now: now, cache: map[string]cachedKey{}}
}

// Authenticate returns the caller that a raw key speaks for, or
// ErrUnauthorized. A malformed key costs no read.
func (a *Authenticator) Authenticate(ctx context.Context, raw string) (Caller, error) {
	if !WellFormed(raw) {
		return Caller{}, ErrUnauthorized
	}
	key, err := a.lookUp(ctx, Hash(raw))
	if fault.Is(err, fault.NotFound) {
		return Caller{}, ErrUnauthorized
	}
	if err != nil {
		return Caller{}, err
	}
	if !key.RevokedAt.IsZero() {
		return Caller{}, ErrUnauthorized
	}
	return Caller{OrgID: key.OrgID, KeyID: key.ID, AgentID: key.AgentID}, nil
}

func (a *Authenticator) lookUp(ctx context.Context, hash string) (Key, error) {
	start := a.now()
	a.mu.Lock()
	c, ok := a.cache[hash]
	a.mu.Unlock()
	if ok && start.Before(c.expires) {
		return c.key, nil
	}
	key, err := a.keys.KeyByHash(ctx, hash)
	if err != nil {
		return Key{}, err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.cache) >= maxCached {
		clear(a.cache)
	}
	a.cache[hash] = cachedKey{key: key, expires: start.Add(keyTTL)}
	return key, nil
}
