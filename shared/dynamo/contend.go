package dynamo

import (
	"context"
	"iter"
	"math/rand/v2"
	"time"

	"github.com/quintet-agents/quintet/shared/fault"
)

// A change reads a row and writes it on the condition that it is unchanged. If another change
// came first, it is retried with growing random pauses, so that many concurrent changes
// succeed one after another. The retries take at most two thirds of a function's time.
const (
	defaultContention = 10 * time.Second
	firstPause        = 10 * time.Millisecond
	maxPause          = 500 * time.Millisecond
)

// tries yields the numbers of a change's attempts, with a pause before each but the first. It
// ends after the store's contention or when ctx ends.
func (s *Store) tries(ctx context.Context) iter.Seq[int] {
	return func(yield func(int) bool) {
		longest := firstPause
		end := time.Now().Add(s.contention)
		for i := 0; ; i++ {
			if i > 0 {
				select {
				case <-ctx.Done():
					return
				case <-time.After(rand.N(longest)):
				}
				longest = min(2*longest, maxPause)
			}
			if (i > 0 && time.Now().After(end)) || !yield(i) {
				return
			}
		}
	}
}

// maxTries bounds a single conditional write that is retried with other values.
const maxTries = 24

// contended returns the Conflict of a change that lost every attempt to another change.
func contended(what string) error {
	return &fault.Error{Code: fault.Conflict, Message: what + " is being changed by others; try again", RetryAfter: time.Second}
}
