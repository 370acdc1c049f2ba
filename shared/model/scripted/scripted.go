// Package scripted is a deterministic language model behind Amazon Bedrock Runtime's
// HTTP protocol: Converse in JSON and ConverseStream in the binary event stream.
// With it, the product runs without an AWS account and still uses its real Bedrock
// client. The model enforces Bedrock's rules about conversations, so a request that
// Bedrock would reject fails here too.
//
// Directives in the last user message select the answer:
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
//	[[noimages]]         ValidationException, if the request has images
//
// Directives combine: delay and break combine with all others, a tool with a text
// (which comes before the call), and several tools make several calls of one answer.
// The first of two text directives wins, and a refusal wins over everything. The
// echo is trimmed and leaves the directives out; a message without directives is
// echoed verbatim. A malformed directive is text. The echo of a message with images ends
// with their descriptions: You said: hello [image image/png 12x8 345 bytes]
//
// A token is a whitespace-separated word; the name and input of a tool call count
// too, and so does an image's description. The model accepts any signature and any model identifier.
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
	// Wait waits for a [[delay]]. It returns early, with an error, when ctx ends.
	// nil means a real timer; tests set their own.
	Wait func(ctx context.Context, d time.Duration) error
}

// maxBody is the size of the largest request that Bedrock accepts.
const maxBody = 25 << 20

type handler struct {
	wait func(ctx context.Context, d time.Duration) error
}

// Handler serves POST /model/{modelId}/converse and .../converse-stream. The model
// identifier is one escaped path segment, as the SDK sends it: the slashes of an ARN
// arrive as %2F.
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

// answer reads and checks a request and returns the model's answer. It returns false
// after it has sent a refusal itself.
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

// pause waits for the delay before a delta. It returns an error if the client has
// disconnected.
func (h *handler) pause(ctx context.Context, d time.Duration) error {
	if d > 0 {
		if err := h.wait(ctx, d); err != nil {
			return err
		}
	}
	return ctx.Err()
}
