package boot

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"sync"

	"github.com/aws/aws-lambda-go/events"
)

// pipeWriter is an http.ResponseWriter whose body is read while it is written.
// Each Write is one chunk on the wire, so there is nothing to flush.
type pipeWriter struct {
	header http.Header   // the handler's; it may go on to change it
	status int           // as sent
	fields http.Header   // as sent
	sent   chan struct{} // closed when status and fields are final
	once   sync.Once
	reader *io.PipeReader
	writer *io.PipeWriter
}

func newPipeWriter() *pipeWriter {
	w := &pipeWriter{header: http.Header{}, status: http.StatusOK, sent: make(chan struct{})}
	w.reader, w.writer = io.Pipe()
	return w
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
	return w.writer.Write(p)
}

// Flush exists so that http.ResponseController finds it.
func (w *pipeWriter) Flush() {}

// serve runs the handler and ends the body. It runs beside Lambda's runtime,
// whose recover does not reach here: an escaped panic would end the process.
func (w *pipeWriter) serve(h http.Handler, r *http.Request) {
	var failure error
	defer func() {
		status := http.StatusOK // of an answer without a body
		if p := recover(); p != nil {
			status = http.StatusInternalServerError
			failure = fmt.Errorf("handler panicked: %v", p)
			if err, ok := p.(error); !ok || !errors.Is(err, http.ErrAbortHandler) {
				slog.ErrorContext(r.Context(), "panic", "panic", p)
			}
		}
		w.WriteHeader(status)
		_ = w.writer.CloseWithError(failure) // always nil
	}()
	h.ServeHTTP(w, r)
}

// response waits for the headers and returns the answer that Lambda streams.
func (w *pipeWriter) response() *events.APIGatewayProxyStreamingResponse {
	<-w.sent
	res := &events.APIGatewayProxyStreamingResponse{
		StatusCode: w.status, MultiValueHeaders: map[string][]string{}, Body: w.reader,
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
