// Package scripted is a deterministic language model that speaks Amazon
// Bedrock Runtime's HTTP protocol: Converse in JSON and ConverseStream in the
// binary event stream. It lets the product run without an AWS account while
// its Bedrock client is exercised for real, and it enforces Bedrock's rules
// about conversations, so that a request Bedrock would reject fails here too.
//
// What it answers is steered by directives in the last user message:
//
//	(none)               You said: <text>
//	[[words N]]          w1 w2 ... wN
//	[[recall]]           all earlier user messages it was given, joined with " | "
//	[[system]]           the system prompt it was given
//	[[tool NAME {json}]] calls the tool; given its result: Tool NAME said: <result>
//	[[delay MS]]         waits before every delta
//	[[break N]]          the answer dies after N deltas
//	[[throttle]]         ThrottlingException
//	[[fail]]             InternalServerException
//	[[nomodel]]          ResourceNotFoundException
//
// Directives combine: delay and break with everything, a tool with a text that
// comes before the call, several tools into several calls of one answer. Of two
// texts the first wins, and a refusal wins over everything. The echo leaves the
// directives out and is trimmed; a message without any is echoed verbatim.
// Anything malformed is no directive but text.
//
// Tokens are whitespace-separated words; the name and input of a tool call
// count too. Signatures are not checked, and every model identifier is known.
package scripted

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/google/uuid"
)

// Options adjusts the handler. The zero value is ready for use.
type Options struct {
	// Wait passes the time of a [[delay]]. It returns early, with an error,
	// when ctx ends. Tests put their own here; nil is a timer.
	Wait func(ctx context.Context, d time.Duration) error
}

// maxBody is the largest request Bedrock takes.
const maxBody = 25 << 20

type handler struct {
	wait func(ctx context.Context, d time.Duration) error
}

// Handler serves POST /model/{modelId}/converse and .../converse-stream. The
// identifier is one escaped path segment, as the SDK sends it: an ARN's
// slashes arrive as %2F.
func Handler(opts Options) http.Handler {
	h := &handler{wait: opts.Wait}
	if h.wait == nil {
		h.wait = sleep
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /model/{modelId}/converse", h.converse)
	mux.HandleFunc("POST /model/{modelId}/converse-stream", h.converseStream)
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		refuse(w, failure{http.StatusNotFound, "UnknownOperationException", "The requested operation is not recognized by the service."})
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Amzn-Requestid", uuid.NewString())
		mux.ServeHTTP(w, r)
	})
}

// sleep waits until d has passed or ctx ends.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// answer reads and checks a request and asks the model. If there is nothing to
// send, the refusal has been sent already.
func (h *handler) answer(w http.ResponseWriter, r *http.Request) (Answer, bool) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
			refuse(w, failure{http.StatusRequestEntityTooLarge, "RequestEntityTooLargeException", "The request is too large."})
		}
		return Answer{}, false
	}
	var req converseRequest
	if err := json.Unmarshal(body, &req); err != nil {
		refuse(w, failure{http.StatusBadRequest, "SerializationException", err.Error()})
		return Answer{}, false
	}
	if message := req.invalid(); message != "" {
		refuse(w, failure{http.StatusBadRequest, "ValidationException", message})
		return Answer{}, false
	}
	a := Respond(req.conversation())
	if a.Fault != "" {
		refuse(w, failureOf(a.Fault, r.PathValue("modelId")))
		return Answer{}, false
	}
	return a, true
}

// pause passes the delay before a delta; it also notices a client that left.
func (h *handler) pause(ctx context.Context, d time.Duration) error {
	if d > 0 {
		if err := h.wait(ctx, d); err != nil {
			return err
		}
	}
	return ctx.Err()
}
