package lambda

import (
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/quintet-agents/quintet/shared/local/arn"
)

// handler returns the Lambda Runtime API of one process.
// https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
func (p *process) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /2018-06-01/runtime/invocation/next", p.serveNext)
	mux.HandleFunc("POST /2018-06-01/runtime/invocation/{id}/response", p.serveResponse)
	mux.HandleFunc("POST /2018-06-01/runtime/invocation/{id}/error", p.serveError)
	mux.HandleFunc("POST /2018-06-01/runtime/init/error", p.serveInitError)
	return mux
}

func (p *process) serveNext(w http.ResponseWriter, r *http.Request) {
	p.idle()
	select {
	case inv := <-p.work:
		if r.Context().Err() != nil {
			p.work <- inv // the poll has ended; keep the invocation for wait
			p.kill(nil)
			return
		}
		h := w.Header()
		h.Set("Content-Type", "application/json")
		h.Set("Lambda-Runtime-Aws-Request-Id", inv.id)
		h.Set("Lambda-Runtime-Deadline-Ms", strconv.FormatInt(time.Now().Add(p.function.Timeout).UnixMilli(), 10))
		h.Set("Lambda-Runtime-Invoked-Function-Arn", arn.Of("AWS::Serverless::Function", p.function.Name))
		h.Set("Lambda-Runtime-Trace-Id", NewTraceID()+";Sampled=0")
		_, _ = w.Write(inv.payload) // fails only if the process has died
	case <-r.Context().Done():
		// The process closed the connection during its poll. No live runtime does that.
		p.kill(nil)
	}
}

func (p *process) serveResponse(w http.ResponseWriter, r *http.Request) {
	inv := p.current(r.PathValue("id"))
	if inv == nil {
		refuse(w, "InvalidRequestID", "this invocation is not running")
		return
	}
	body, err := inv.begin(r.Header.Get("Content-Type"))
	if err != nil {
		refuse(w, "InvalidStateTransition", err.Error())
		return
	}
	if _, err := io.Copy(body, r.Body); err != nil {
		// The process broke off its answer, so it is dying. Its end then ends the
		// invocation with the reason.
		p.kill(nil)
		return
	}
	inv.answer(trailingError(r.Trailer))
	w.WriteHeader(http.StatusAccepted)
}

// trailingError returns the error of a function that failed while it was streaming, from
// the response's trailer.
func trailingError(trailer http.Header) error {
	kind := trailer.Get("Lambda-Runtime-Function-Error-Type")
	if kind == "" {
		return nil
	}
	failure := &FunctionError{Type: kind}
	text, err := base64.StdEncoding.DecodeString(trailer.Get("Lambda-Runtime-Function-Error-Body"))
	if err == nil && json.Unmarshal(text, failure) != nil {
		failure.Message = string(text)
	}
	return failure
}

func (p *process) serveError(w http.ResponseWriter, r *http.Request) {
	inv := p.current(r.PathValue("id"))
	if inv == nil {
		refuse(w, "InvalidRequestID", "this invocation is not running")
		return
	}
	inv.answer(readError(r))
	w.WriteHeader(http.StatusAccepted)
}

func (p *process) serveInitError(w http.ResponseWriter, r *http.Request) {
	p.blame(readError(r)) // the process exits next
	w.WriteHeader(http.StatusAccepted)
}

func readError(r *http.Request) error {
	failure := &FunctionError{Type: r.Header.Get("Lambda-Runtime-Function-Error-Type")}
	text, err := io.ReadAll(r.Body)
	if err != nil || json.Unmarshal(text, failure) != nil {
		failure.Message = string(text)
	}
	if failure.Type == "" {
		failure.Type = "Unhandled"
	}
	return failure
}

func refuse(w http.ResponseWriter, kind, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusBadRequest)
	_ = json.NewEncoder(w).Encode(FunctionError{Type: kind, Message: message})
}
