package openai

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"time"

	"github.com/openai/openai-go/v3/packages/ssestream"

	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/model"
)

// retryAfter is what callers are told to wait when a busy server does not say:
// about as long as a person in a chat will.
const retryAfter = 5 * time.Second

// statusOverloaded is what some gateways send in place of 503.
const statusOverloaded = 529

// translate turns an error of the SDK, before or within a stream, into one of
// ours. The end of ctx stays recognisable with errors.Is. The response may be nil.
func translate(ctx context.Context, err error, response *http.Response) error {
	if ctx.Err() != nil {
		return &fault.Error{Code: fault.Internal, Message: "the model call was abandoned", Err: fmt.Errorf("%w: %w", ctx.Err(), err)}
	}
	p := problemOf(err, response)
	switch {
	case p.busy() || p.status == 0 && model.Unreachable(err):
		return &fault.Error{Code: fault.ModelUnavailable, Message: "the model is busy or not reachable", RetryAfter: wait(response), Err: p.cause}
	case p.refused():
		return &fault.Error{Code: fault.ModelRefused, Message: "the provider does not know or not allow this model", Err: p.cause}
	default:
		return &fault.Error{Code: fault.Internal, Message: "the model failed", Err: p.cause}
	}
}

// problem is what an endpoint says went wrong.
type problem struct {
	status  int // 0 if it did not answer or the answer was no error
	code    string
	message string
	cause   error
}

// problemOf finds the problem in an answer with an error status, in whatever
// form its body is, or in the error event of a stream.
func problemOf(err error, response *http.Response) problem {
	if event, ok := errors.AsType[*ssestream.StreamError](err); ok {
		p := problem{cause: err}
		p.describe(event.Event.Data)
		// Gateways that pass on another server's status do it in the code.
		p.status, _ = strconv.Atoi(p.code)
		return p
	}
	if response == nil || response.StatusCode < 400 {
		return problem{cause: err}
	}
	p := problem{status: response.StatusCode}
	// The SDK has read the body and put a copy in its place.
	if body, readErr := io.ReadAll(response.Body); readErr == nil {
		p.describe(body)
	}
	// The SDK's own text is no more than the status.
	p.cause = fmt.Errorf("status %d, code %q, message %q: %w", p.status, p.code, p.message, err)
	return p
}

// describe takes code and message from a body: {"error":{...}}, as OpenAI
// has it, {"error":"..."} or the fields at the top.
func (p *problem) describe(body []byte) {
	type fields struct {
		Code    any    `json:"code"` // a string, a number or null
		Type    string `json:"type"`
		Message string `json:"message"`
	}
	var outer struct {
		fields
		Error json.RawMessage `json:"error"`
	}
	_ = json.Unmarshal(body, &outer) // what cannot be read stays empty
	f := outer.fields
	if len(outer.Error) > 0 && json.Unmarshal(outer.Error, &f) != nil {
		_ = json.Unmarshal(outer.Error, &f.Message)
	}
	p.message = f.Message
	switch code := f.Code.(type) {
	case string:
		p.code = code
	case float64:
		p.code = strconv.Itoa(int(code))
	default:
		p.code = f.Type
	}
}

func (p problem) busy() bool {
	switch p.status {
	case http.StatusRequestTimeout, http.StatusTooManyRequests, http.StatusBadGateway,
		http.StatusServiceUnavailable, http.StatusGatewayTimeout, statusOverloaded:
		return true
	}
	return p.code == "rate_limit_exceeded" || p.code == "overloaded_error" || p.code == "server_overloaded"
}

var (
	modelCode    = regexp.MustCompile(`^(model_not_found|model_not_available|model_decommissioned|invalid_model)$`)
	modelMessage = regexp.MustCompile(`(?i)invalid model|not a valid model|\bmodel\b.*\b(not found|does not exist|decommissioned)`)
)

// refused reports whether the model is unknown or not allowed. That a key is
// not accepted (401) counts too: the key belongs to the configuration, as the
// model's name does, and trying again is as useless.
func (p problem) refused() bool {
	switch p.status {
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound:
		return true
	case http.StatusBadRequest:
		return modelCode.MatchString(p.code) || modelMessage.MatchString(p.message)
	}
	return false
}

// wait is the Retry-After of a response, which is in seconds or a date.
func wait(response *http.Response) time.Duration {
	if response == nil {
		return retryAfter
	}
	header := response.Header.Get("Retry-After")
	if seconds, err := strconv.ParseFloat(header, 64); err == nil && seconds > 0 && seconds < 1e6 {
		return time.Duration(seconds * float64(time.Second))
	}
	if date, err := http.ParseTime(header); err == nil {
		if d := time.Until(date); d > 0 {
			return d
		}
	}
	return retryAfter
}
