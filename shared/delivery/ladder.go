package delivery

import "time"

// ladder is how long to wait before each attempt after the one before: 28 hours
// in all.
var ladder = [...]time.Duration{
	0, 5 * time.Second, 5 * time.Minute, 30 * time.Minute,
	2 * time.Hour, 5 * time.Hour, 10 * time.Hour, 10 * time.Hour,
}

// MaxAttempts is how often a delivery is tried before it has failed.
const MaxAttempts = len(ladder)

const (
	jitter        = 0.1            // of a wait, either way
	maxRetryAfter = 24 * time.Hour // what a receiver may ask for
)

// Wait returns how long to wait after a number of failed attempts, and whether
// there is another one. asked is the receiver's Retry-After, which may make it
// longer, never shorter. chance is a number from 0 to 1 that spreads those who
// failed together.
func Wait(made int, asked time.Duration, chance float64) (wait time.Duration, again bool) {
	if made < 0 || made >= MaxAttempts {
		return 0, false
	}
	rung := float64(ladder[made])
	wait = time.Duration(rung + rung*jitter*(2*chance-1))
	return max(wait, min(asked, maxRetryAfter)), true
}
