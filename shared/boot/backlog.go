package boot

import (
	"bytes"
	"errors"
	"io"
	"sync"
	"time"
)

// patience bounds how long a client that reads slowly, or not at all, may delay its turn.
// A stream has a buffer. If it is full, the writer waits for a limited time. Then the
// client is given up: the buffer and all further writes are discarded, and the turn
// continues to its settlement.
type patience struct {
	bytes  int           // size of the buffer
	wait   time.Duration // time that all writes of one stream together may wait for room
	drain  time.Duration // time after the last write in which the client must read the buffer
	margin time.Duration // time before the function's deadline in which no write waits, for settlement
	stuck  func()        // called if the platform does not even read the stream's error
}

// stuckGrace is the time after drain that the platform has: it notices later than we do
// that a client does not read.
const stuckGrace = 15 * time.Second

// lastMoment is the time before its deadline at which a function ends its stream itself.
const lastMoment = 500 * time.Millisecond

var (
	// errGivenUp is the error of a stream whose client is too slow.
	errGivenUp = errors.New("the client reads too slowly and was disconnected")
	errGone    = errors.New("the reader of this stream has closed it")
)

// backlog is the buffer between a handler, which writes, and Lambda's runtime, which reads.
// It has one writer and one reader.
type backlog struct {
	patience
	deadline time.Time     // the function's; zero: none
	room     chan struct{} // signals that data was read or that the reader has left
	more     chan struct{} // signals that there is data to read or that the stream has ended

	mu       sync.Mutex
	data     bytes.Buffer
	ended    bool
	end      error       // the reader's error after the data: io.EOF, or the handler's failure
	drainBy  time.Time   // time at which the reader must have all data; set with ended
	failure  error       // why data is discarded; set if the reader left or was given up
	watchdog *time.Timer // calls stuck; set with ended
}

func newBacklog(p patience, deadline time.Time) *backlog {
	return &backlog{patience: p, deadline: deadline, room: make(chan struct{}, 1), more: make(chan struct{}, 1)}
}

// Write adds p to the buffer, and waits for room within the stream's patience. The error
// is errGivenUp when the patience is exhausted, and errGone when the reader has left.
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

// add adds as much of p as fits.
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

// take reads buffered data. It returns 0 and nil if there is nothing to read yet.
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
		// Lambda kills the function at its deadline, so ending shortly before it
		// loses nothing, and the log has the reason. A stream that ends within
		// lastMoment has half of the remaining time.
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

// leave records that the reader reads no more, at the end of the stream or before it.
func (b *backlog) leave() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.drop(errGone)
	b.failure = errGone
	if b.watchdog != nil {
		b.watchdog.Stop()
	}
}

// signal wakes the other side, which then checks the state.
func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
