// Package apikey keeps the API key that a model's provider is asked with. Its one type, Key,
// is either fixed or read from elsewhere, such as a store of secrets. A key that is read is
// cached for the life of the process and read again only when the provider refuses it, so
// that a rotated key is taken over without a deploy, and an ordinary turn makes no call.
package apikey

import (
	"context"
	"errors"
	"sync"
	"time"
)

// Source reads a key. A blank one is an error.
type Source func(ctx context.Context) (string, error)

const (
	// RenewalPause is the least time between two renewals: a key that is simply wrong is
	// refused on each turn, and the store of secrets must not be asked as often.
	RenewalPause = time.Minute

	// FailureLife is how long a failed first read answers for the next ones.
	FailureLife = 5 * time.Second

	// readTime bounds a read, its retries included. A function that reads while it
	// starts has 10 s for all of its start.
	readTime = 5 * time.Second
)

// Why there is no other key than the one that was refused.
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
	value   string // empty if it was never read
	failure error  // of the last first read
	failed  time.Time
	renewed time.Time // the start of the last renewal
	reading *reading  // what is being read; nil for nothing
}

// Fixed returns a key that never changes. It may be empty where none is needed.
func Fixed(value string) *Key { return &Key{value: value} }

// From returns a key that is read when it is first needed.
func From(read Source, now func() time.Time) *Key { return &Key{read: read, now: now} }

// Value returns the key. Its errors are those of the read, and ctx.Err() if ctx ended first.
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

// Renew returns another key after the provider refused one: the present key if it has been
// renewed since, or else the one that is read now. The error says why there is none:
// ErrFixed, ErrUnchanged, ErrTooSoon, the error of the read, or ctx.Err().
func (k *Key) Renew(ctx context.Context, refused string) (string, error) {
	k.mu.Lock()
	switch {
	case k.read == nil:
		defer k.mu.Unlock()
		return "", ErrFixed
	case k.value != refused:
		defer k.mu.Unlock()
		return k.value, nil
	case k.reading == nil && !k.renewed.IsZero() && k.now().Sub(k.renewed) < RenewalPause:
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

// reading is one read, which several callers wait for.
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

// join returns the read that is under way, or starts one, which goes on if its caller leaves.
// The caller holds k.mu.
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
