package mcp

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/quintet-agents/quintet/shared/request"
)

// Limits of the answers to a request, in bytes.
const (
	maxCallAnswer = 200 << 10
	maxListAnswer = 2 << 20 // all pages together
)

const (
	requestTime = 10 * time.Second // of one HTTP request, if nothing else ends it earlier
	noticeTime  = time.Second      // of a message that nobody waits for
)

// lateTime is how long the reply of a complete answer may take to reach its caller. After that
// the answer did not have it.
var lateTime = time.Second

// wire sends the SDK's requests to one server. The SDK trusts the server in what a client of
// strangers must not: it reads an answer of any size, and answers each request that a server
// makes of it. wire bounds the answers, adds the secret headers, and sends only the messages
// of this package and a few refusals.
type wire struct {
	next    http.RoundTripper // guarded
	headers func(ctx context.Context) (map[string]string, error)

	mu      sync.Mutex
	secrets *request.Mask // nil: none
	replies int           // that may still be sent
}

// ours are the messages that we send.
var ours = map[string]bool{
	"server/discover": true, "initialize": true, "notifications/initialized": true,
	"tools/list": true, "tools/call": true, "notifications/cancelled": true,
}

var (
	errNotOurs  = errors.New("the message is not sent")
	errTooLarge = errors.New("the answer is too large")
	errLate     = errors.New("the answer does not have the reply")
	errSealed   = errors.New("its secret headers cannot be opened")
)

// RoundTrip implements http.RoundTripper.
func (w *wire) RoundTrip(req *http.Request) (*http.Response, error) {
	limit, err := w.timeOf(req)
	if err != nil {
		return nil, err
	}
	x := exchangeOf(req.Context())
	if limit == noticeTime {
		x = &exchange{limit: maxCallAnswer}
	}
	number := x.begin()
	ctx, cancel := context.WithTimeout(req.Context(), limit)
	res, err := w.send(ctx, req)
	if err != nil {
		cancel()
		x.fail(number, err)
		return nil, err
	}
	if limit == noticeTime && req.Method == http.MethodPost && res.StatusCode >= http.StatusBadRequest {
		res.StatusCode = http.StatusAccepted // nobody waits for it, and the SDK would give up the session
	}
	x.answered(res)
	res.Body = &body{ReadCloser: res.Body, x: x, number: number, ended: cancel, reply: res.StatusCode == http.StatusOK}
	return res, nil
}

func (w *wire) send(ctx context.Context, req *http.Request) (*http.Response, error) {
	req = req.Clone(ctx)
	if w.headers != nil {
		secret, err := w.headers(ctx)
		if err != nil {
			slog.ErrorContext(ctx, "the secret headers of an MCP server cannot be opened", "error", err)
			return nil, errSealed
		}
		w.learn(secret)
		for name, value := range secret {
			if !reserved(name) {
				req.Header.Set(name, value)
			}
		}
	}
	req.Header.Set("User-Agent", userAgent)
	req.Header.Set("Accept-Encoding", "identity")
	return w.next.RoundTrip(req)
}

// reserved reports whether a header belongs to the protocol.
func reserved(name string) bool {
	switch name = strings.ToLower(name); name {
	case "accept", "accept-encoding", "connection", "content-encoding", "content-length", "content-type", "expect", "host",
		"idempotency-key", "last-event-id", "te", "trailer", "transfer-encoding", "upgrade", "user-agent", "x-idempotency-key":
		return true
	}
	return strings.HasPrefix(name, "mcp-") || strings.HasPrefix(name, "proxy-")
}

// maxReplies is the number of a server's own requests that are answered during a call.
const maxReplies = 4

// timeOf returns how long a request may take, and an error for one that must not be sent: the
// GET of a stream that the server may use for more requests of its own, and more than a few
// replies to these. A few are sent because they are refusals: a server that asks for input
// would otherwise wait for it.
func (w *wire) timeOf(req *http.Request) (time.Duration, error) {
	if req.Method == http.MethodDelete {
		return noticeTime, nil
	}
	if req.Method != http.MethodPost || req.GetBody == nil {
		return 0, errNotOurs
	}
	sent, err := req.GetBody()
	if err != nil {
		return 0, err
	}
	defer sent.Close()
	var message struct {
		Method string          `json:"method"`
		ID     json.RawMessage `json:"id"`
	}
	if err := json.NewDecoder(sent).Decode(&message); err != nil {
		return 0, errNotOurs
	}
	switch {
	case message.Method == "":
		if !w.mayReply() {
			return 0, errNotOurs
		}
		return noticeTime, nil
	case !ours[message.Method]:
		return 0, errNotOurs
	case message.Method == "tools/call":
		w.mu.Lock()
		defer w.mu.Unlock()
		w.replies = maxReplies
	}
	if len(message.ID) == 0 {
		return noticeTime, nil
	}
	return requestTime, nil
}

func (w *wire) mayReply() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.replies--
	return w.replies >= 0
}

// exchange has the facts of the requests that belong to one call. The SDK reports most
// failures as a broken connection, and these say why.
type exchange struct {
	limit  int64                   // bytes of all answers
	cancel context.CancelCauseFunc // ends the call; nil: nobody waits

	mu     sync.Mutex
	read   int64
	number int // of requests
	facts
}

// facts are of the latest request.
type facts struct {
	status   int
	location string
	encoding string
	err      error
}

type exchangeKey struct{}

// exchangeOf returns the exchange of a call, or a new one for a message that belongs to none.
func exchangeOf(ctx context.Context) *exchange {
	if x, ok := ctx.Value(exchangeKey{}).(*exchange); ok {
		return x
	}
	return &exchange{limit: maxCallAnswer}
}

// within returns the context of a call whose answers have at most limit bytes.
func within(ctx context.Context, limit int64) (context.Context, *exchange, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(ctx)
	x := &exchange{limit: limit, cancel: cancel}
	return context.WithValue(ctx, exchangeKey{}, x), x, func() { cancel(context.Canceled) }
}

func (x *exchange) begin() int {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.number++
	x.facts = facts{}
	return x.number
}

// fail keeps the first error of the latest request.
func (x *exchange) fail(number int, err error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.number == number && x.err == nil {
		x.err = err
	}
}

func (x *exchange) answered(res *http.Response) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.status, x.location, x.encoding = res.StatusCode, res.Header.Get("Location"), res.Header.Get("Content-Encoding")
}

// count adds bytes that were read, and reports whether they are within the limit.
func (x *exchange) count(n int) bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.read += int64(n)
	return x.read <= x.limit
}

// expire ends the call if the request is still the latest: its answer did not have the reply.
func (x *exchange) expire(number int) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.number == number && x.cancel != nil {
		x.cancel(errLate)
	}
}

func (x *exchange) known() facts {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.facts
}

// body is the body of an answer.
type body struct {
	io.ReadCloser

	x      *exchange
	number int
	ended  context.CancelFunc
	reply  bool // it should have the reply of the call
}

// Read returns errTooLarge when the answers of the exchange exceed their limit.
func (b *body) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if !b.x.count(n) {
		b.x.fail(b.number, errTooLarge)
		return 0, errTooLarge
	}
	switch {
	case err == nil:
	case !errors.Is(err, io.EOF):
		b.x.fail(b.number, err)
	case b.reply:
		time.AfterFunc(lateTime, func() { b.x.expire(b.number) })
	}
	return n, err
}

// Close implements io.Closer.
func (b *body) Close() error {
	defer b.ended()
	return b.ReadCloser.Close()
}
