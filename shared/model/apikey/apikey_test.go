package apikey_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/quintet-agents/quintet/shared/model/apikey"
)

// store is the source of the key.
type store struct {
	mu    sync.Mutex
	value string
	err   error
	takes time.Duration
	reads atomic.Int64
}

func (s *store) read(ctx context.Context) (string, error) {
	s.reads.Add(1)
	select {
	case <-time.After(s.takes):
	case <-ctx.Done():
		return "", ctx.Err()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.value, s.err
}

func (s *store) set(value string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.value, s.err = value, err
}

func (s *store) wantReads(t *testing.T, want int64) {
	t.Helper()
	if got := s.reads.Load(); got != want {
		t.Errorf("got %d reads, want %d", got, want)
	}
}

func wantValue(t *testing.T, k *apikey.Key, want string) {
	t.Helper()
	if got, err := k.Value(t.Context()); got != want || err != nil {
		t.Errorf("got %q, %v, want %q", got, err, want)
	}
}

func wantRenewed(t *testing.T, k *apikey.Key, refused, want string) {
	t.Helper()
	if got, err := k.Renew(t.Context(), refused); got != want || err != nil {
		t.Errorf("got %q, %v, want %q", got, err, want)
	}
}

func wantNoOther(t *testing.T, k *apikey.Key, refused string, want error) {
	t.Helper()
	if got, err := k.Renew(t.Context(), refused); got != "" || !errors.Is(err, want) {
		t.Errorf("got %q, %v, want %v", got, err, want)
	}
}

// together makes 50 concurrent calls.
func together(call func()) {
	var wave sync.WaitGroup
	for range 50 {
		wave.Go(call)
	}
	wave.Wait()
}

func TestKey_Fixed(t *testing.T) {
	k := apikey.Fixed("secret")
	wantValue(t, k, "secret")
	wantNoOther(t, k, "secret", apikey.ErrFixed)
}

// The first callers share one read, and later callers do not read.
func TestKey_ReadOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &store{value: "first", takes: time.Second}
		k := apikey.From(s.read, time.Now)
		together(func() { wantValue(t, k, "first") })
		time.Sleep(24 * time.Hour)
		together(func() { wantValue(t, k, "first") })
		s.wantReads(t, 1)
	})
}

// The read continues for other callers if one caller's context ends.
func TestKey_CallerLeaves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &store{value: "first", takes: 2 * time.Second}
		k := apikey.From(s.read, time.Now)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if got, err := k.Value(ctx); got != "" || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %q, %v, want DeadlineExceeded", got, err)
		}
		wantValue(t, k, "first")
		s.wantReads(t, 1)
	})
}

// A read without a response is canceled.
func TestKey_SilentStore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := apikey.From((&store{takes: time.Hour}).read, time.Now)
		began := time.Now()
		if _, err := k.Value(t.Context()); !errors.Is(err, context.DeadlineExceeded) || time.Since(began) > 10*time.Second {
			t.Errorf("got %v after %v, want DeadlineExceeded within 10 s", err, time.Since(began))
		}
	})
}

// The error of a failed read is cached for some seconds.
func TestKey_ReadFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		failure := errors.New("access denied")
		s := &store{err: failure}
		k := apikey.From(s.read, time.Now)
		together(func() {
			if got, err := k.Value(t.Context()); got != "" || !errors.Is(err, failure) {
				t.Errorf("got %q, %v, want %v", got, err, failure)
			}
		})
		s.wantReads(t, 1)
		s.set("first", nil)
		time.Sleep(apikey.FailureLife)
		wantValue(t, k, "first")
		s.wantReads(t, 2)
	})
}

// The callers whose key was refused share one read. A later caller with the old key gets the
// new one without another read.
func TestRenew_Rotated(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &store{value: "first", takes: time.Second}
		k := apikey.From(s.read, time.Now)
		wantValue(t, k, "first")
		s.set("second", nil)
		together(func() { wantRenewed(t, k, "first", "second") })
		wantRenewed(t, k, "first", "second")
		wantValue(t, k, "second")
		s.wantReads(t, 2)
	})
}

// An unchanged key is read at most once a minute, no matter how often it is refused.
func TestRenew_Unchanged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &store{value: "first"}
		k := apikey.From(s.read, time.Now)
		wantValue(t, k, "first")
		wantNoOther(t, k, "first", apikey.ErrUnchanged)
		s.set("second", nil)
		time.Sleep(apikey.RenewalPause - time.Second)
		together(func() { wantNoOther(t, k, "first", apikey.ErrTooSoon) })
		s.wantReads(t, 2)
		time.Sleep(time.Second)
		wantRenewed(t, k, "first", "second")
		s.wantReads(t, 3)
	})
}

// A failed renewal keeps the key, and the next renewal need not wait a minute: after a
// rotation, many processes read at once, and some reads are throttled.
func TestRenew_ReadFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		failure := errors.New("access denied")
		s := &store{value: "first"}
		k := apikey.From(s.read, time.Now)
		wantValue(t, k, "first")
		s.set("", failure)
		wantNoOther(t, k, "first", failure)
		s.set("second", nil)
		time.Sleep(apikey.FailureLife - time.Second)
		wantNoOther(t, k, "first", failure)
		wantValue(t, k, "first")
		s.wantReads(t, 2)
		time.Sleep(time.Second)
		wantRenewed(t, k, "first", "second")
		s.set("third", nil)
		time.Sleep(apikey.RenewalPause)
		wantRenewed(t, k, "second", "third")
		s.wantReads(t, 4)
	})
}
