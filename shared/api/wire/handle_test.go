package wire

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/quintet-agents/quintet/shared/fault"
)

func plainError(w http.ResponseWriter, e *fault.Error) {
	w.WriteHeader(http.StatusTeapot)
	_, _ = w.Write([]byte(e.Code))
}

func TestHandle_WritesErrors(t *testing.T) {
	for name, c := range map[string]struct {
		handler HandlerFunc
		body    string
		after   string
	}{
		"a known error": {func(http.ResponseWriter, *http.Request) error { return fault.New(fault.NotFound, "no") }, "not_found", ""},
		"a foreign one": {func(http.ResponseWriter, *http.Request) error { return errors.New("secret") }, "internal", ""},
		"a panic":       {func(http.ResponseWriter, *http.Request) error { panic("secret") }, "internal", ""},
		"try again": {func(http.ResponseWriter, *http.Request) error {
			return &fault.Error{Code: fault.RateLimited, RetryAfter: 1100 * time.Millisecond}
		}, "rate_limited", "2"},
	} {
		t.Run(name, func(t *testing.T) {
			w := httptest.NewRecorder()
			r := httptest.NewRequest("GET", "/", nil)
			Handle(plainError, c.handler).ServeHTTP(w, r.WithContext(WithRequestID(r.Context(), "id-1")))
			if w.Body.String() != c.body || w.Header().Get("Retry-After") != c.after || w.Header().Get("X-Request-Id") != "id-1" {
				t.Errorf("got body %q, Retry-After %q, headers %v; want %q, %q, X-Request-Id id-1", w.Body, w.Header().Get("Retry-After"), w.Header(), c.body, c.after)
			}
		})
	}
}

// A panic after the first byte cannot become an error answer: the connection is closed.
func TestHandle_PanicAfterFirstByte(t *testing.T) {
	defer func() {
		if p := recover(); p != any(http.ErrAbortHandler) {
			t.Errorf("got panic %v, want http.ErrAbortHandler", p)
		}
	}()
	w := httptest.NewRecorder()
	Handle(plainError, func(w http.ResponseWriter, _ *http.Request) error {
		_, _ = w.Write([]byte("half"))
		panic("late")
	}).ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
}
