package delivery

import (
	"context"
	"time"
)

// Message is what a worker is told.
type Message struct {
	Body  Named         // a Ref or a JobRef, which travels as JSON
	After time.Duration // at most MaxDelay
}

// Named is the subject of a message. Org returns the id of its org, by which the
// queue shares its workers out.
type Named interface{ Org() string }

// MaxDelay is how long a queue holds a message back.
const MaxDelay = 15 * time.Minute

// Queue wakes workers. It only makes quick what the table knows anyway: a
// message that is lost or comes twice does no harm.
type Queue interface {
	Send(ctx context.Context, messages ...Message) error
}
