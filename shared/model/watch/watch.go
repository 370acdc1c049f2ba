// Package watch gives up on a model's server that falls silent or sends without end.
// A Call watches the HTTP exchanges of one call of a model. It measures silence while
// a read waits for bytes: any bytes end it, so that a server's keep-alives count as
// life, and a slow reader of the answer does not count against the server.
package watch

import (
	"context"
	"errors"
	"io"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/model"
)

// Limits are the times that a server may be silent; 0 is no limit.
type Limits struct {
	FirstToken time.Duration // of a stream, until the answer begins
	Idle       time.Duration // once the answer has begun
	Answer     time.Duration // of an answer in one piece, until its first byte
}

// Default has the limits of a deployment that sets none. A server is silent while it
// makes an answer in one piece, so that limit is the time that a slow model takes for
// a few thousand tokens.
var Default = Limits{FirstToken: time.Minute, Idle: time.Minute, Answer: 5 * time.Minute}

// ErrSilent is the cause of a call's end when its server was silent for too long.
var ErrSilent = errors.New("the model's server was silent for too long")

// Call watches one call of a model. It must be ended.
type Call struct {
	parent, ctx context.Context //nolint:containedctx // a call lives as long as its request
	cancel      context.CancelCauseFunc
	limit       atomic.Int64 // a time.Duration
	idle        time.Duration
	room        atomic.Int64 // bytes
	whole       bool
}

// Stream watches a call that is answered as a stream.
func (l Limits) Stream(ctx context.Context) *Call {
	return l.call(ctx, l.FirstToken, model.MaxStream)
}

// Whole watches a call that is answered in one piece.
func (l Limits) Whole(ctx context.Context) *Call {
	c := l.call(ctx, l.Answer, model.MaxBody)
	c.whole = true
	return c
}

func (l Limits) call(ctx context.Context, limit time.Duration, room int64) *Call {
	c := &Call{parent: ctx, idle: l.Idle}
	c.ctx, c.cancel = context.WithCancelCause(ctx)
	c.limit.Store(int64(limit))
	c.room.Store(room)
	return c
}

// Context is that of the call's requests.
func (c *Call) Context() context.Context { return c.ctx }

// End ends the call and what still goes on of it.
func (c *Call) End() { c.cancel(context.Canceled) }

// Begun notes that the answer has begun.
func (c *Call) Begun() { c.limit.Store(int64(c.idle)) }

// Within lowers the limit, for an answer that lacks only its formal end.
func (c *Call) Within(d time.Duration) {
	if limit := time.Duration(c.limit.Load()); limit == 0 || d < limit {
		c.limit.Store(int64(d))
	}
}

// Failure returns the error of a call that err has ended: Internal if the caller's
// context ended, wrapping its error, ModelUnavailable if the server fell silent, nil
// if the cause was another one.
func (c *Call) Failure(err error) error {
	switch {
	case c.parent.Err() != nil:
		return &fault.Error{Code: fault.Internal, Message: "The model call was abandoned", Err: errors.Join(c.parent.Err(), err)}
	case errors.Is(context.Cause(c.ctx), ErrSilent):
		return &fault.Error{Code: fault.ModelUnavailable, Message: "The model did not answer in time", RetryAfter: retryAfter, Err: ErrSilent}
	default:
		return nil
	}
}

// retryAfter is the Retry-After of a silence whose end is unknown.
const retryAfter = 5 * time.Second

// Doer is an HTTP client.
type Doer interface {
	Do(r *http.Request) (*http.Response, error)
}

// Client returns a client whose exchanges the call watches.
func (c *Call) Client(inner Doer) Doer { return client{c, inner} }

type client struct {
	call  *Call
	inner Doer
}

func (c client) Do(r *http.Request) (*http.Response, error) {
	w := wait{call: c.call}
	w.start()
	defer w.stop()
	res, err := c.inner.Do(r)
	if err == nil {
		res.Body = &body{wait: wait{call: c.call}, inner: res.Body}
	}
	return res, err
}

// wait cancels a call when the server is silent for longer than the call's limit. It
// keeps its timer, because a stream has a wait for each read.
type wait struct {
	call  *Call
	timer *time.Timer // nil until the first start with a limit
}

func (w *wait) start() {
	limit := time.Duration(w.call.limit.Load())
	switch {
	case limit <= 0:
	case w.timer == nil:
		w.timer = time.AfterFunc(limit, func() { w.call.cancel(ErrSilent) })
	default:
		w.timer.Reset(limit)
	}
}

func (w *wait) stop() {
	if w.timer != nil {
		w.timer.Stop()
	}
}

type body struct {
	wait

	inner io.ReadCloser
}

func (b *body) Read(p []byte) (int, error) {
	if b.call.room.Load() <= 0 {
		return 0, model.ErrTooLarge
	}
	b.start()
	n, err := b.inner.Read(p)
	b.stop()
	if n > 0 {
		b.call.room.Add(-int64(n))
		if b.call.whole {
			b.call.Begun()
		}
	}
	return n, err
}

func (b *body) Close() error { return b.inner.Close() }
