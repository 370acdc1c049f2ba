package delivery

import "time"

// ladder has the wait before each attempt, 28 hours in all.
var ladder = [...]time.Duration{
	0, 5 * time.Second, 5 * time.Minute, 30 * time.Minute,
	2 * time.Hour, 5 * time.Hour, 10 * time.Hour, 10 * time.Hour,
}

// MaxAttempts is the number of attempts after which a delivery has failed.
const MaxAttempts = len(ladder)

const (
	jitter        = 0.1            // of a wait, either way
	maxRetryAfter = 24 * time.Hour // the longest Retry-After that counts
)

// Wait returns the wait after a number of failed attempts, and whether there is another
// attempt. asked is the receiver's Retry-After, which can make the wait longer but not
// shorter. chance, from 0 to 1, selects the jitter.
func Wait(made int, asked time.Duration, chance float64) (wait time.Duration, again bool) {
	if made < 0 || made >= MaxAttempts {
		return 0, false
	}
	rung := float64(ladder[made])
	wait = time.Duration(rung + rung*jitter*(2*chance-1))
	return max(wait, min(asked, maxRetryAfter)), true
}
