// Package watch cancels a call to a model's server that sends nothing for too long or
// sends too much. A Call watches the HTTP exchanges of one such call. Its timer runs
// only while a read waits for bytes, and any bytes stop it: a server's keep-alives
// count as activity, and a slow consumer of the answer does not count against the
// server.
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

// Limits are the times that a server may send nothing. 0 means no limit.
type Limits struct {
	FirstToken time.Duration // before a streamed answer begins
	Idle       time.Duration // after the answer has begun
	Answer     time.Duration // before the first byte of a non-streamed answer
}

// Default has the limits of a deployment that sets none. A server sends nothing while
// it produces a non-streamed answer, so Answer allows the time that a slow model needs
// for a few thousand tokens.
var Default = Limits{FirstToken: time.Minute, Idle: time.Minute, Answer: 5 * time.Minute}

// ErrSilent is the cause of a canceled call whose server sent nothing for too long.
var ErrSilent = errors.New("the model's server sent nothing for too long")

// Call watches one call to a model. Its user must call End.
type Call struct {
	parent, ctx context.Context //nolint:containedctx // a call lives as long as its request
	cancel      context.CancelCauseFunc
	limit       atomic.Int64 // a time.Duration
	idle        time.Duration
	room        atomic.Int64 // bytes
	whole       bool
}

// Stream starts to watch a call whose answer is streamed.
func (l Limits) Stream(ctx context.Context) *Call {
	return l.call(ctx, l.FirstToken, model.MaxStream)
}

// Whole starts to watch a call whose answer is not streamed.
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

// Context returns the context for the call's requests.
func (c *Call) Context() context.Context { return c.ctx }

// End ends the call and cancels its requests.
func (c *Call) End() { c.cancel(context.Canceled) }

// Begun records that the answer has begun: from now on, the limit is Idle.
func (c *Call) Begun() { c.limit.Store(int64(c.idle)) }

// Within lowers the limit to d, for an answer whose text is complete and whose stream
// has yet to end.
func (c *Call) Within(d time.Duration) {
	if limit := time.Duration(c.limit.Load()); limit == 0 || d < limit {
		c.limit.Store(int64(d))
	}
}

// Failure returns the error for a call that failed with err: an Internal error that
// wraps the context's error if the caller's context ended, ModelUnavailable if the
// server sent nothing for too long, and nil for any other cause.
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

// retryAfter is the Retry-After after a timeout. The server names no time of its own.
const retryAfter = 5 * time.Second

// Doer is an HTTP client.
type Doer interface {
	Do(r *http.Request) (*http.Response, error)
}

// Client returns an HTTP client whose exchanges the call watches.
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

// wait cancels a call if the server sends nothing for longer than the call's limit. It
// reuses its timer, because a stream waits for each read.
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
