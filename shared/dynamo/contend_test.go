package dynamo

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

// A change that loses every attempt gives up after 10 s by default, not after its last
// pause, and at once if its request ends.
func TestTries_Bounded(t *testing.T) {
	for what, c := range map[string]struct {
		options      []Option
		request      time.Duration
		least, limit time.Duration
	}{
		"default":       {nil, time.Hour, 10*time.Second - maxPause, 10*time.Second + maxPause},
		"option":        {[]Option{Contention(time.Minute)}, time.Hour, time.Minute - maxPause, time.Minute + maxPause},
		"request ended": {[]Option{Contention(time.Hour)}, time.Minute, time.Minute - maxPause, time.Minute},
	} {
		t.Run(what, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), c.request)
				defer cancel()
				began, last := time.Now(), -1
				for i := range New(nil, "", time.Now, c.options...).tries(ctx) {
					if i != last+1 {
						t.Errorf("got attempt %d after %d", i, last)
					}
					last = i
				}
				// The pauses grow to an average of a quarter of a second.
				if took := time.Since(began); took < c.least || took > c.limit || last < 10 {
					t.Errorf("got %d attempts in %s, want more than 10 in %s to %s", last+1, took, c.least, c.limit)
				}
			})
		})
	}
}

// The first attempt is made even without time.
func TestTries_First(t *testing.T) {
	attempts := 0
	for range New(nil, "", time.Now, Contention(-time.Second)).tries(t.Context()) {
		attempts++
	}
	if attempts != 1 {
		t.Errorf("got %d attempts, want 1", attempts)
	}
}
