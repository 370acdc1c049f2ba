// Package recall caches values that are cheap to look up again, within bounds. A missing
// value only costs another lookup.
package recall

import (
	"cmp"
	"sync"
)

// limit is the usual largest number of cached names. One more clears the cache.
const limit = 1000

// Memory caches a value for each name. Zero values take no room. The zero Memory is empty
// and ready to use.
type Memory[V comparable] struct {
	Limit int // of cached names; 0 means 1,000

	mu    sync.Mutex
	known map[string]V
}

// Of returns the latest value of a name, the zero value if there is none.
func (m *Memory[V]) Of(name string) V {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.known[name]
}

// Learn stores a value.
func (m *Memory[V]) Learn(name string, value V) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var zero V
	if value == zero {
		delete(m.known, name)
		return
	}
	if m.known == nil || len(m.known) >= cmp.Or(m.Limit, limit) {
		m.known = map[string]V{}
	}
	m.known[name] = value
}
