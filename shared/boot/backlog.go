package boot

import (
	"bytes"
	"errors"
	"io"
	"sync"
	"time"
)

// patience bounds what a client that reads slowly, or not at all, may cost its
// turn. A stream is buffered; a full buffer holds its writer up for a while, and
// then the client is given up: the buffer and all further writes are discarded, and
// the turn goes on to its settlement.
type patience struct {
	bytes  int           // of the buffer
	wait   time.Duration // for room in the buffer, of all writes of one stream together
	drain  time.Duration // after the last write, in which the client has to take the buffer
	margin time.Duration // before the function's deadline, in which no write waits: a turn settles then
	stuck  func()        // called when the platform takes nothing at all, not even the stream's error
}

// stuckGrace is how much longer than drain the platform may take: it notices a
// client that does not read later than we do.
const stuckGrace = 15 * time.Second

// lastMoment is how long before its deadline a function ends by itself.
const lastMoment = 500 * time.Millisecond

var (
	// errGivenUp is how a stream ends whose client is too slow.
	errGivenUp = errors.New("the client reads too slowly and was given up")
	errGone    = errors.New("nobody reads this stream any more")
)

// backlog is the buffer between a handler, which writes, and Lambda, which reads. It
// has one writer and one reader.
type backlog struct {
	patience
	deadline time.Time     // the function's; zero for none
	room     chan struct{} // signals that data was read, or that none will be any more
	more     chan struct{} // signals that there is data to read, or an end

	mu       sync.Mutex
	data     bytes.Buffer
	ended    bool
	end      error       // the reader's error after the data: io.EOF, or the handler's failure
	drainBy  time.Time   // by which the reader has to have all data; set with ended
	failure  error       // why data is discarded; set when the reader left or was given up
	watchdog *time.Timer // calls stuck; set with ended
}

func newBacklog(p patience, deadline time.Time) *backlog {
	return &backlog{patience: p, deadline: deadline, room: make(chan struct{}, 1), more: make(chan struct{}, 1)}
}

// Write adds p to the buffer. It waits for room only within the stream's patience.
// The error is errGivenUp when that is exhausted, errGone when the reader has left.
func (b *backlog) Write(p []byte) (int, error) {
	written := 0
	for {
		n, err := b.add(p[written:])
		written += n
		if err != nil || written == len(p) {
			return written, err
		}
		if !b.awaitRoom() {
			b.discard(errGivenUp)
		}
	}
}

// add takes as much of p as there is room for.
func (b *backlog) add(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.failure != nil {
		return 0, b.failure
	}
	n, _ := b.data.Write(p[:min(len(p), b.bytes-b.data.Len())])
	signal(b.more)
	return n, nil
}

// awaitRoom waits for room. It reports false when the stream's patience is exhausted.
func (b *backlog) awaitRoom() bool {
	now := time.Now()
	wait := b.wait
	if !b.deadline.IsZero() {
		wait = min(wait, b.deadline.Sub(now)-b.margin)
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-b.room:
		b.wait -= time.Since(now)
		return true
	case <-timer.C:
		return false
	}
}

// Read waits for data or the end of the stream.
func (b *backlog) Read(p []byte) (int, error) {
	for {
		n, err := b.take(p)
		if n > 0 || err != nil || len(p) == 0 {
			return n, err
		}
		<-b.more
	}
}

// take returns 0 and nil when there is nothing to read yet.
func (b *backlog) take(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.ended && b.data.Len() > 0 && time.Now().After(b.drainBy) {
		b.drop(errGivenUp)
	}
	switch {
	case b.failure != nil:
		return 0, b.failure
	case b.data.Len() > 0:
		signal(b.room)
		return b.data.Read(p)
	}
	return 0, b.end
}

// finish ends the stream after the written data, with the given failure or, for nil,
// io.EOF.
func (b *backlog) finish(failure error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if failure == nil {
		failure = io.EOF
	}
	now := time.Now()
	drain, watch := b.drain, b.drain+stuckGrace
	if !b.deadline.IsZero() {
		// At its deadline the function is killed, so nothing is lost by ending
		// a moment before it, and the log says why. A stream that ends in that
		// moment has half of what is left of it.
		left := b.deadline.Sub(now)
		left -= min(lastMoment, left/2)
		drain, watch = min(drain, left), min(watch, left)
	}
	b.ended, b.end, b.drainBy = true, failure, now.Add(drain)
	if !errors.Is(b.failure, errGone) {
		b.watchdog = time.AfterFunc(watch, b.stuck)
	}
	signal(b.more)
}

// discard drops the buffer and all further writes.
func (b *backlog) discard(failure error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.drop(failure)
}

func (b *backlog) drop(failure error) {
	if b.failure == nil {
		b.failure = failure
	}
	b.data = bytes.Buffer{}
	signal(b.more)
	signal(b.room)
}

// leave is the reader's end, early or not.
func (b *backlog) leave() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.drop(errGone)
	b.failure = errGone
	if b.watchdog != nil {
		b.watchdog.Stop()
	}
}

// signal wakes the other side, which checks the state itself.
func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
