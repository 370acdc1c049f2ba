package dynamo

import (
	"context"
	"iter"
	"math/rand/v2"
	"time"

	"github.com/quintet-agents/quintet/shared/fault"
)

// A change that reads a row and writes it if nobody else did meanwhile is tried
// again where somebody was first, each time after a longer pause of random
// length, so that many at once come one after the other: up to five seconds in
// all, a third of what a function has.
const (
	maxTries   = 24
	firstPause = 10 * time.Millisecond
	maxPause   = 250 * time.Millisecond
)

// tries counts the tries of a change, with a pause before each but the first. It
// ends early when ctx does.
func tries(ctx context.Context) iter.Seq[int] {
	return func(yield func(int) bool) {
		longest := firstPause
		for i := range maxTries {
			if i > 0 {
				select {
				case <-ctx.Done():
					return
				case <-time.After(rand.N(longest)):
				}
				longest = min(2*longest, maxPause)
			}
			if !yield(i) {
				return
			}
		}
	}
}

// contended is the Conflict of a change that others were first with, every time.
func contended(what string) error {
	return &fault.Error{Code: fault.Conflict, Message: what + " is being changed by others; try again", RetryAfter: time.Second}
}
