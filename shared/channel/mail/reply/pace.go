package reply

import (
	"slices"
	"time"
)

// MaxPerHour is how many answers the agent writes to a thread within an hour, while no person of
// the business takes part.
const MaxPerHour = 10

// Wait returns how long the agent must wait before it answers a thread again, so that any hour
// has a limited number of its answers. The times are those of its answers since a person of
// the business last wrote to the thread, in any order. A machine at the other end that is not
// recognized as one is stopped by this alone.
func Wait(answers []time.Time, now time.Time, limit int) time.Duration {
	if limit <= 0 {
		return time.Hour
	}
	recent := slices.DeleteFunc(slices.Clone(answers), func(at time.Time) bool { return !at.After(now.Add(-time.Hour)) })
	if len(recent) < limit {
		return 0
	}
	slices.SortFunc(recent, time.Time.Compare)
	return recent[len(recent)-limit].Add(time.Hour).Sub(now)
}
