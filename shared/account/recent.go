package account

import (
	"context"
	"sync"
	"time"
)

// rowTTL keeps what has ended - a key, a session, a member's role - from
// working longer than the 5 s we promise: it counts from before the read, and
// leaves a second for a slow one.
const rowTTL = 4 * time.Second

// maxRecent bounds a cache; a process that meets more live rows than this
// within rowTTL reads some of them again.
const maxRecent = 1000

// recent remembers rows for rowTTL, so that a busy process does not read one
// for each request.
type recent[T any] struct {
	read func(ctx context.Context, name string) (T, error)
	now  func() time.Time

	mu   sync.Mutex
	rows map[string]row[T]
}

type row[T any] struct {
	value   T
	expires time.Time
}

func newRecent[T any](now func() time.Time, read func(context.Context, string) (T, error)) *recent[T] {
	return &recent[T]{read: read, now: now, rows: map[string]row[T]{}}
}

// get returns a row. Only what is there is remembered.
func (r *recent[T]) get(ctx context.Context, name string) (T, error) {
	start := r.now()
	r.mu.Lock()
	known, ok := r.rows[name]
	r.mu.Unlock()
	if ok && start.Before(known.expires) {
		return known.value, nil
	}
	value, err := r.read(ctx, name)
	if err != nil {
		return value, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.rows) >= maxRecent {
		clear(r.rows)
	}
	r.rows[name] = row[T]{value: value, expires: start.Add(rowTTL)}
	return value, nil
}
