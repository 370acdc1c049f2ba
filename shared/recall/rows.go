package recall

import (
	"context"
	"sync"
	"time"
)

// rowLife bounds how long a revoked key, an ended session or a removed member keeps working
// in a warm process: we promise 5 s. It counts from before the read, and leaves a second
// for a slow read.
const rowLife = 4 * time.Second

// Rows caches rows of a store for some seconds, so that a busy process does not read the
// same row for each request. The zero Rows is empty and ready to use.
type Rows[T any] struct {
	mu   sync.Mutex
	rows map[string]row[T]
}

type row[T any] struct {
	value   T
	expires time.Time
}

// Get returns a row, cached or read. Errors are not cached.
func (r *Rows[T]) Get(ctx context.Context, now time.Time, name string, read func(ctx context.Context, name string) (T, error)) (T, error) {
	r.mu.Lock()
	known, ok := r.rows[name]
	r.mu.Unlock()
	if ok && now.Before(known.expires) {
		return known.value, nil
	}
	value, err := read(ctx, name)
	if err != nil {
		return value, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.rows == nil || len(r.rows) >= limit {
		r.rows = map[string]row[T]{}
	}
	r.rows[name] = row[T]{value: value, expires: now.Add(rowLife)}
	return value, nil
}
