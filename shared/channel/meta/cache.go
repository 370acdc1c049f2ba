package meta

import (
	"crypto/sha256"
	"sync"
	"time"
)

// maxCached bounds a cache; a full one starts over.
const maxCached = 1000

// cache keeps values of one kind for some time, in the memory of the process.
type cache[V any] struct {
	mu     sync.Mutex
	values map[cacheKey]cached[V]
}

// cacheKey is the hash of an id and of the token that read it, so that no token gets what
// another one may read.
type cacheKey [sha256.Size]byte

type cached[V any] struct {
	value V
	until time.Time
}

func keyOf(token, id string) cacheKey { return sha256.Sum256([]byte(token + "\x00" + id)) }

func (c *cache[V]) get(key cacheKey, now time.Time) (value V, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	v, ok := c.values[key]
	if !ok || !now.Before(v.until) {
		return value, false
	}
	return v.value, true
}

func (c *cache[V]) put(key cacheKey, value V, until time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.values == nil || len(c.values) >= maxCached {
		c.values = map[cacheKey]cached[V]{}
	}
	c.values[key] = cached[V]{value, until}
}
