// Package wire has the HTTP code that all surfaces share: it wraps a surface's handlers.
//
// Handle turns a HandlerFunc, which returns an error, into an http.Handler: it gives the
// request its id, recovers panics, logs failures under that id, and calls the surface's
// ErrorWriter. Authorized finds the caller by key, token or cookie and applies the org's
// allowed origins and the check against forged requests. Changes adds the
// Idempotency-Key: it answers a repeated request with the answer of the first.
//
// Its subpackages do one thing each: body reads and validates JSON bodies, param reads
// ids and numbers from paths and queries, stream writes SSE and NDJSON, and envelope is
// the form of Flametalk's answers and of our own API.
//
// wire knows the domain but no vendor: shared/api/<vendor> decides the form of errors, the fields of bodies
// and the events of streams.
package wire

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"math"
	"net/http"
	"runtime/debug"
	"strconv"
	"time"

	"github.com/google/uuid"

	"github.com/quintet-agents/quintet/shared/fault"
)

// HandlerFunc answers a request or returns an error. It returns an error only if it has written nothing.
type HandlerFunc func(w http.ResponseWriter, r *http.Request) error

// ErrorWriter writes an error in a surface's own form.
type ErrorWriter func(w http.ResponseWriter, e *fault.Error)

// Handle wraps a surface's handler: it gives the request an id, recovers a panic, logs errors under that id,
// and writes them with writeError.
func Handle(writeError ErrorWriter, h HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := RequestID(r.Context())
		r = r.WithContext(withSubject(WithRequestID(r.Context(), id), r))
		w.Header().Set("X-Request-Id", id)
		written := &watched{ResponseWriter: w}
		defer func() {
			if p := recover(); p != nil {
				slog.ErrorContext(r.Context(), "panic", append(about(r.Context()), "panic", p, "stack", string(debug.Stack()))...)
				if written.begun {
					// The answer has begun, so an error cannot be sent: close the connection.
					panic(http.ErrAbortHandler)
				}
				writeError(written, fault.From(errPanic))
			}
		}()
		if err := h(written, r); err != nil {
			e := fault.From(err)
			Log(r.Context(), e)
			if e.RetryAfter > 0 {
				RetryAfter(w, e)
			}
			ShowQuotas(w, e.Details.Quotas)
			writeError(written, e)
		}
	})
}

var errPanic = errors.New("panic")

// Log logs an error under its request's id, with method, path and org. Our own faults and the model's have
// the level error, and the caller's have the level info.
func Log(ctx context.Context, e *fault.Error) {
	level := slog.LevelInfo
	if e.Code == fault.Internal || e.Code == fault.ModelUnavailable || e.Code == fault.ModelRefused {
		level = slog.LevelError
	}
	slog.Log(ctx, level, "request failed", append(about(ctx), "code", e.Code, "error", e.Error())...)
}

// RetryAfter sets the Retry-After header of an error, if it has one.
func RetryAfter(w http.ResponseWriter, e *fault.Error) {
	wait := e.RetryAfter
	if wait == 0 {
		wait = tryAgain
	}
	w.Header().Set("Retry-After", seconds(wait))
}

func seconds(d time.Duration) string { return strconv.Itoa(int(math.Ceil(d.Seconds()))) }

// watched is a ResponseWriter that records whether the answer has begun.
type watched struct {
	http.ResponseWriter
	begun bool
}

// tryAgain is the Retry-After of a 429 or 503 whose error has none.
const tryAgain = time.Minute

func (w *watched) WriteHeader(status int) {
	w.begun = true
	if h := w.Header(); (status == http.StatusTooManyRequests || status == http.StatusServiceUnavailable) && h.Get("Retry-After") == "" {
		h.Set("Retry-After", seconds(tryAgain))
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *watched) Write(p []byte) (int, error) {
	w.begun = true
	return w.ResponseWriter.Write(p)
}

// Unwrap gives http.ResponseController access to the writer's Flush.
func (w *watched) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// JSON writes v as the whole answer.
func JSON(w http.ResponseWriter, status int, v any) error {
	body, err := Encode(v)
	if err != nil {
		return err
	}
	writeJSON(w, status, body)
	return nil
}

func writeJSON(w http.ResponseWriter, status int, body []byte) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(body) //nolint:gosec // it is JSON and says so; a client that went away is not our failure
}

// Encode returns v as JSON on one line. Unlike json.Marshal, it does not escape <, > and &, because the
// vendors' servers do not.
func Encode(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

type requestIDKey struct{}

// WithRequestID returns a context that carries the id of a request.
func WithRequestID(ctx context.Context, id string) context.Context {
	return context.WithValue(ctx, requestIDKey{}, id)
}

// RequestID returns the id of WithRequestID, or a new one.
func RequestID(ctx context.Context) string {
	if id, ok := ctx.Value(requestIDKey{}).(string); ok && id != "" {
		return id
	}
	return uuid.NewString()
}
