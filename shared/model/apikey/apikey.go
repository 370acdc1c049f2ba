// Package apikey keeps the API key for a model's server. Its only type, Key, is either fixed
// or read from a Source, such as a store of secrets. A key that was read is cached for the life
// of the process and read again only when the server refuses it. So a rotated key takes effect
// without a deployment, and an ordinary turn makes no call.
package apikey

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"
)

// Source reads a key. It returns an error instead of a blank key.
type Source func(ctx context.Context) (string, error)

const (
	// RenewalPause is the shortest time between a renewal and the next one, unless it failed.
	// A wrong key is refused in each turn, and the store of secrets must not be read as often.
	RenewalPause = time.Minute

	// FailureLife is the time for which the error of a failed read is cached.
	FailureLife = 5 * time.Second

	// readTime bounds a read with its retries. A function may read while it starts, and a
	// start may take at most 10 s.
	readTime = 5 * time.Second
)

// The errors of Renew if there is no other key than the refused one.
var (
	ErrFixed     = errors.New("the key is fixed")
	ErrUnchanged = errors.New("the key was read again and has not changed")
	ErrTooSoon   = errors.New("the key was read again less than a minute ago")
)

// Key is an API key. One caller reads it, and the others wait for that read.
type Key struct {
	read Source // nil for a fixed key
	now  func() time.Time

	mu      sync.Mutex
	value   string // empty before the first successful read
	failure error  // the error of the last read, if any
	failed  time.Time
	renewed time.Time // the start of the last renewal
	reading *reading  // the read in progress, or nil
}

// Format hides the key from every verb of package fmt.
func (k *Key) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, "***") }

// Fixed returns a key that never changes. It may be empty if the server needs none.
func Fixed(value string) *Key { return &Key{value: value} }

// From returns a key that is read at its first use.
func From(read Source, now func() time.Time) *Key { return &Key{read: read, now: now} }

// Value returns the key. The error is that of the read, or ctx.Err() if ctx ended first.
func (k *Key) Value(ctx context.Context) (string, error) {
	k.mu.Lock()
	switch {
	case k.read == nil || k.value != "":
		defer k.mu.Unlock()
		return k.value, nil
	case k.failure != nil && k.now().Sub(k.failed) < FailureLife:
		defer k.mu.Unlock()
		return "", k.failure
	}
	r := k.join(ctx)
	k.mu.Unlock()
	return r.wait(ctx)
}

// Renew returns another key after the server refused one: the current key if it was renewed
// meanwhile, or the result of a new read. If there is no other key, the error is ErrFixed,
// ErrUnchanged, ErrTooSoon, the error of the read, or ctx.Err().
func (k *Key) Renew(ctx context.Context, refused string) (string, error) {
	k.mu.Lock()
	switch {
	case k.read == nil:
		defer k.mu.Unlock()
		return "", ErrFixed
	case k.value != refused:
		defer k.mu.Unlock()
		return k.value, nil
	case k.reading == nil && k.failure != nil && k.now().Sub(k.failed) < FailureLife:
		defer k.mu.Unlock()
		return "", k.failure
	case k.reading == nil && k.failure == nil && !k.renewed.IsZero() && k.now().Sub(k.renewed) < RenewalPause:
		defer k.mu.Unlock()
		return "", ErrTooSoon
	case k.reading == nil:
		k.renewed = k.now()
	}
	r := k.join(ctx)
	k.mu.Unlock()
	value, err := r.wait(ctx)
	if err == nil && value == refused {
		return "", ErrUnchanged
	}
	return value, err
}

// reading is one read that several callers may wait for.
type reading struct {
	done  chan struct{} // closed when the other fields are set
	value string
	err   error
}

func (r *reading) wait(ctx context.Context) (string, error) {
	select {
	case <-r.done:
		return r.value, r.err
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

// join returns the read in progress, or starts one, which continues if its caller leaves. The
// caller must hold k.mu.
func (k *Key) join(ctx context.Context) *reading {
	if k.reading == nil {
		k.reading = &reading{done: make(chan struct{})}
		go k.fetch(context.WithoutCancel(ctx), k.reading)
	}
	return k.reading
}

func (k *Key) fetch(ctx context.Context, r *reading) {
	ctx, cancel := context.WithTimeout(ctx, readTime)
	defer cancel()
	r.value, r.err = k.read(ctx)
	k.mu.Lock()
	defer k.mu.Unlock()
	if r.err == nil {
		k.value = r.value
	}
	k.failure, k.failed, k.reading = r.err, k.now(), nil
	close(r.done)
}
