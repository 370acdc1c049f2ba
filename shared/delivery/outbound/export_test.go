package outbound

import "time"

// Times shortens the time limits of an attempt and of an answer's body; the returned function
// restores them.
func Times(attempt, body time.Duration) (restore func()) {
	oldAttempt, oldBody := attemptTime, bodyTime
	attemptTime, bodyTime = attempt, body
	return func() { attemptTime, bodyTime = oldAttempt, oldBody }
}
