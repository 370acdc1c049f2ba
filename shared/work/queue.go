// Package work holds what the workers of jobs and of deliveries have in common: the
// queue that wakes them, the slots that bound an org's concurrent work, and the sweep
// that finds work whose message was lost.
//
// The table has a row for each piece of work, and a message only names the row. So a
// message may be lost, late or duplicated: the state of the row decides what a worker
// does. The package knows neither turns nor requests to customers. Its main types are
// Queue, Place and Rows.
package work

import (
	"context"
	"time"
)

// Message wakes a worker.
type Message struct {
	Body  Ref           // names the work; it travels as JSON
	After time.Duration // the delay before it arrives; at most MaxDelay
}

// Ref names a row of work. Org returns the id of its org; the queue divides the
// workers fairly among orgs.
type Ref interface{ Org() string }

// MaxDelay is the longest delay of a message.
const MaxDelay = 15 * time.Minute

// Queue wakes workers.
type Queue interface {
	Send(ctx context.Context, messages ...Message) error
}
