// Package recall remembers, within bounds, what a process has learned of things
// that it will meet again. Whatever it forgets is learned once more.
package recall

import "sync"

// limit is how many names are remembered. With one more, memory begins anew.
const limit = 1000

// Memory keeps a value for each name; most names have the zero value, which
// takes no room. The zero Memory remembers nothing.
type Memory[V comparable] struct {
	mu    sync.Mutex
	known map[string]V
}

// Of returns what was learned of a name last, and the zero value otherwise.
func (m *Memory[V]) Of(name string) V {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.known[name]
}

// Learn remembers a value.
func (m *Memory[V]) Learn(name string, value V) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var zero V
	if value == zero {
		delete(m.known, name)
		return
	}
	if m.known == nil || len(m.known) >= limit {
		m.known = map[string]V{}
	}
	m.known[name] = value
}
