package outbound

import "time"

// Times shortens what an attempt and an answer's body may take, until they are
// restored.
func Times(attempt, body time.Duration) (restore func()) {
	oldAttempt, oldBody := attemptTime, bodyTime
	attemptTime, bodyTime = attempt, body
	return func() { attemptTime, bodyTime = oldAttempt, oldBody }
}
