package dynamo

import (
	"strconv"
	"time"
)

// attemptsKey is the key of the count of attempts under a name in a time window. User and org of
// a log-in may be unknown, so the row is outside the orgs' partitions. It contains a hash of the
// name.
func attemptsKey(name string, window time.Time) key {
	return key{"ATTEMPTS#" + name, strconv.FormatInt(window.Unix(), 10)}
}
