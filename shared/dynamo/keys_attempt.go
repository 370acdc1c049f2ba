package dynamo

import (
	"strconv"
	"time"
)

// attemptsKey counts who tries to log in, in a window of time. Neither may be
// known, so the row lies outside every org. The name is a hash.
func attemptsKey(name string, window time.Time) key {
	return key{"ATTEMPTS#" + name, strconv.FormatInt(window.Unix(), 10)}
}
