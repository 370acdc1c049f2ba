package boot

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"

	"github.com/aws/aws-lambda-go/events"
)

// pipeWriter is an http.ResponseWriter whose body is read while it is written. A fast reader
// receives each Write at once, so there is nothing to flush. A slow one delays the handler
// only within the backlog's patience.
type pipeWriter struct {
	header http.Header   // the handler's; it may still change it
	status int           // as sent
	fields http.Header   // as sent
	sent   chan struct{} // closed when status and fields are final
	once   sync.Once
	body   *backlog
	done   chan struct{} // closed when the handler has returned
}

func newPipeWriter(b *backlog) *pipeWriter {
	return &pipeWriter{
		header: http.Header{}, status: http.StatusOK, sent: make(chan struct{}), body: b, done: make(chan struct{}),
	}
}

func (w *pipeWriter) Header() http.Header { return w.header }

func (w *pipeWriter) WriteHeader(status int) {
	w.once.Do(func() {
		w.status = status
		w.fields = w.header.Clone()
		close(w.sent)
	})
}

func (w *pipeWriter) Write(p []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	return w.body.Write(p)
}

// Flush exists so that http.ResponseController finds it.
func (w *pipeWriter) Flush() {}

// serve runs the handler and ends the body. It runs in its own goroutine, outside the
// recover of Lambda's runtime: a panic here would end the process.
func (w *pipeWriter) serve(h http.Handler, r *http.Request) {
	var failure error
	defer close(w.done)
	defer func() {
		status := http.StatusOK // the default
		if p := recover(); p != nil {
			status = http.StatusInternalServerError
			failure = fmt.Errorf("handler panicked: %v", p)
			if err, ok := p.(error); !ok || !errors.Is(err, http.ErrAbortHandler) {
				slog.ErrorContext(r.Context(), "panic", "panic", p)
			}
		}
		w.WriteHeader(status)
		w.body.finish(failure)
	}()
	h.ServeHTTP(w, r)
}

// response waits for the headers and returns the answer that Lambda streams.
func (w *pipeWriter) response() *events.APIGatewayProxyStreamingResponse {
	<-w.sent
	res := &events.APIGatewayProxyStreamingResponse{
		StatusCode: w.status, MultiValueHeaders: map[string][]string{}, Body: pipeReader{w},
	}
	for name, values := range w.fields {
		if name == "Set-Cookie" {
			res.Cookies = values
			continue
		}
		res.MultiValueHeaders[name] = values
	}
	return res
}

// pipeReader is the body for Lambda's runtime.
type pipeReader struct{ w *pipeWriter }

func (r pipeReader) Read(p []byte) (int, error) { return r.w.body.Read(p) }

// Close waits for the handler. Lambda's runtime calls it before it polls for the next event,
// and Lambda may then freeze the process: a running turn would stop until a later request,
// or forever.
func (r pipeReader) Close() error {
	r.w.body.leave()
	<-r.w.done
	return nil
}
