package openai

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/quintet-agents/quintet/shared/clip"
	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/model"
	"github.com/quintet-agents/quintet/shared/model/length"
)

// problem is the failure of a call: an error status, an error in a body or a stream,
// or a lost connection. Only the method fault converts it into the caller's error, so
// the same failure gives the same error in all three cases.
type problem struct {
	status  int    // of the response, or of an error in a successful response's body; 0: none
	code    string // code, kind, param and message are fields of the error's body
	kind    string
	param   string
	message string
	body    string // the beginning of the error's body
	prompt  int    // tokens; llama.cpp sends prompt and context as fields
	context int

	wait  time.Duration // the Retry-After of the endpoint
	cause error         // for the log: what happened and at which URL
}

func (p *problem) Error() string { return p.cause.Error() }
func (p *problem) Unwrap() error { return p.cause }

// statusNoEndpoint stands for an invalid base URL.
const statusNoEndpoint = -1

var (
	errNoAnswer = errors.New("the response of the model's server has no answer")
	errCutOff   = errors.New("the model's answer was cut off")
)

// problemOf returns err as a problem, or nil if err is nil.
func problemOf(err error) *problem {
	if err == nil {
		return nil
	}
	if p, ok := errors.AsType[*problem](err); ok {
		return p
	}
	return &problem{cause: err}
}

func problemAlready(err error) bool {
	_, ok := errors.AsType[*problem](err)
	return ok
}

// refusal returns the problem of a response with an error status.
func refusal(response *http.Response) error {
	body, _ := io.ReadAll(io.LimitReader(response.Body, maxRefusal)) // a part of it is enough
	p := &problem{status: response.StatusCode, wait: retryAfter(response)}
	p.describe(body)
	p.explain(response)
	return p
}

// inBody returns the problem of a successful response whose body or event is an error.
func inBody(response *http.Response, body []byte) *problem {
	p := &problem{wait: retryAfter(response)}
	p.describe(body)
	// Gateways put the status of the server behind them into the code.
	if n, err := strconv.Atoi(p.code); err == nil && n >= http.StatusBadRequest && n < 600 {
		p.status = n
	} else if strings.HasPrefix(p.kind, "invalid_request") || p.kind == "BadRequestError" {
		p.status = http.StatusBadRequest
	}
	p.explain(response)
	return p
}

// describe reads the fields of an error's body. Their usual places are {"error":{...}}
// (OpenAI's form), {"error":"..."} and the top level, and some have several names. Google
// puts the error into a list.
func (p *problem) describe(body []byte) {
	p.body = cut(string(body), 2000)
	each(body, func(first json.RawMessage) bool {
		body = first
		return false
	})
	var outer errorFields
	_ = json.Unmarshal(body, &outer) // fields that cannot be read stay empty
	f := outer
	if len(outer.Error) > 0 {
		f = errorFields{Code: outer.Code, Status: outer.Status}
		if _, ok := outer.Error.text(); ok {
			f.Message, f.Type = outer.Error, outer.Type
		} else {
			_ = json.Unmarshal(outer.Error, &f)
		}
	}
	p.code, p.kind, p.param = cut(f.Code.word(), 200), cut(f.Type.word(), 200), cut(f.Param.word(), 200)
	if p.code == "" {
		p.code = cut(f.Status.word(), 200)
	}
	for _, said := range []loose{f.Message, f.Detail, outer.Message, outer.Detail} {
		if p.message == "" {
			p.message = cut(said.word(), 1000)
		}
	}
	p.prompt, p.context = number(f.Prompt), number(f.Context)
}

type errorFields struct {
	Error   loose `json:"error"`
	Code    loose `json:"code"`
	Status  loose `json:"status"`
	Type    loose `json:"type"`
	Param   loose `json:"param"`
	Message loose `json:"message"`
	Detail  loose `json:"detail"`
	Prompt  loose `json:"n_prompt_tokens"`
	Context loose `json:"n_ctx"`
}

func number(v loose) int {
	n, err := strconv.Atoi(v.word())
	if err != nil {
		return 0
	}
	return n
}

// explain sets the cause, for the log: what happened, at which URL, and the server's
// words.
func (p *problem) explain(response *http.Response) {
	where := place(response.Request)
	said := fmt.Sprintf("code %q, message %q", p.code, p.message)
	if p.code == "" && p.message == "" {
		said = fmt.Sprintf("content type %q, body %q", response.Header.Get("Content-Type"), cut(p.body, 200))
	}
	what := "the model's server failed"
	switch {
	case response.StatusCode >= 300 && response.StatusCode < 400:
		what = fmt.Sprintf("the model's base URL is wrong: %s redirects to %q", where, response.Header.Get("Location"))
	case p.tooLong() != nil:
		what = "the request does not fit into the model's context"
	case p.refusesKey():
		what = "the model's server refuses the key"
	case p.status == http.StatusPaymentRequired:
		what = "the account at the model's server is out of credit"
	case p.refusesModel():
		what = "the model's server does not know the model or does not allow it"
	case p.status == http.StatusNotFound || p.status == http.StatusMethodNotAllowed:
		what = "the model's base URL is wrong: it has no chat completions"
	case p.busy():
		what = "the model's server is busy or down"
	}
	p.cause = fmt.Errorf("%s: %s answered status %d, %s", what, where, response.StatusCode, said)
}

// place returns the URL of a request without the parts that may hold secrets.
func place(r *http.Request) string {
	if r == nil {
		return "the endpoint"
	}
	return bare(r.URL)
}

// bare returns a URL without the parts that may hold secrets: user info and query.
func bare(u *url.URL) string {
	short := url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}
	return short.String()
}

// notJSON returns the problem of a successful response that is neither JSON nor a
// stream.
func notJSON(response *http.Response, body []byte) *problem {
	media, _, err := mime.ParseMediaType(response.Header.Get("Content-Type"))
	if err != nil {
		media = "none"
	}
	if encoding := response.Header.Get("Content-Encoding"); encoding != "" {
		media += " in the encoding " + encoding
	}
	return &problem{cause: fmt.Errorf("%s answered status %d with content type %s, which is not JSON: %q; is the model's base URL right?",
		place(response.Request), response.StatusCode, media, cut(string(body), 200))}
}

// fault returns the caller's error for the problem of a request.
func (p *problem) fault(req model.Request) error {
	if known, ok := errors.AsType[*fault.Error](p.cause); ok {
		return known
	}
	refusedImages, tooLong := p.refusedImages(req), p.tooLong()
	switch {
	case errors.Is(p.cause, model.ErrTooLarge):
		return model.TooLarge("body")
	case refusedImages != nil:
		return refusedImages.Fault()
	case tooLong != nil:
		return tooLong.Fault()
	case p.busy() || p.status == 0 && model.Unreachable(p.cause):
		wait := p.wait
		if wait <= 0 {
			wait = defaultRetryAfter
		}
		return model.Busy(wait, p.cause)
	case p.refusesKey():
		return model.Refused(model.OfKey(p.cause))
	case p.refused():
		return model.Refused(fmt.Errorf("model %q: %w", cut(req.Model, 200), p.cause))
	default:
		return model.Failed(p.cause)
	}
}

// defaultRetryAfter is the Retry-After for a busy server that names none. It is about
// as long as a person in a chat will wait.
const defaultRetryAfter = 5 * time.Second

// busy has the statuses of a server that may answer later.
var busy = map[int]bool{
	http.StatusRequestTimeout: true, http.StatusTooEarly: true, http.StatusTooManyRequests: true,
	http.StatusBadGateway: true, http.StatusServiceUnavailable: true, http.StatusGatewayTimeout: true,
	520: true, 521: true, 522: true, 523: true, 524: true, // Cloudflare: the origin cannot be reached
	529: true, // overloaded
}

var (
	busyCode = regexp.MustCompile(`(?i)^(rate_limit.*|.*overloaded.*|.*unavailable.*|server_busy|too_many_requests|timeout|throttl.*|resource_exhausted)$`)
	busyText = regexp.MustCompile(`(?i)overloaded|rate limit|too many requests|loading model|model is (still |currently )?loading|temporarily unavailable|try again later`)
)

// busy reports whether the server may answer later. The error's message counts only
// without a status, because a broken server may also suggest to try again.
func (p *problem) busy() bool {
	if busy[p.status] {
		return true
	}
	return (p.status == 0 || p.status == http.StatusInternalServerError) && (busyCode.MatchString(p.code) || busyCode.MatchString(p.kind)) ||
		p.status == 0 && busyText.MatchString(p.message)
}

// tooLong returns the error of a request that does not fit into the model's context,
// or nil for other problems.
func (p *problem) tooLong() *model.TooLongError {
	if p.message == "" && p.code == "" && p.kind == "" || busy[p.status] {
		return nil
	}
	refused, ok := length.Refused(p.text())
	if !ok {
		return nil
	}
	if p.context > 0 {
		refused.Limit = p.context
	}
	if p.prompt > 0 {
		refused.Prompt = p.prompt
	}
	refused.Cause = p.cause
	return &refused
}

// text returns the message, code and kind of the endpoint's error.
func (p *problem) text() string { return strings.TrimSpace(p.message + " " + p.code + " " + p.kind) }

var (
	modelCode    = regexp.MustCompile(`^(model_not_found|model_not_available|model_decommissioned|invalid_model)$`)
	modelMessage = regexp.MustCompile(`(?i)invalid model|not a valid model|unknown model|no such model|\bmodel\b.*\b(not found|not exist|decommissioned|not available|not supported by)`)
)

// refusesModel reports whether the provider does not know or does not allow the model.
func (p *problem) refusesModel() bool {
	if p.status == http.StatusUnauthorized || p.status == http.StatusInternalServerError {
		return false
	}
	return modelCode.MatchString(p.code) || modelCode.MatchString(p.kind) || modelMessage.MatchString(p.message)
}

var keyMessage = regexp.MustCompile(`(?i)\b(invalid|incorrect|expired) api[ _-]?key\b|\bapi[ _-]?key (is )?(not valid|invalid|incorrect|expired)\b`)

// refusesKey reports whether the endpoint refuses the key. With a 400, or without an error
// status, the error's words decide: Google refuses a key with a 400, and OpenAI's error in
// the body of a 200 has the type of any invalid request.
func (p *problem) refusesKey() bool {
	switch p.status {
	case http.StatusUnauthorized:
		return true
	case http.StatusForbidden:
		return !p.refusesModel()
	case 0, http.StatusBadRequest:
		return p.code == "invalid_api_key" || p.kind == "authentication_error" || keyMessage.MatchString(p.message)
	default:
		return false
	}
}

// refused reports whether the provider refuses the configuration: the model, the key or the
// base URL. A retry cannot succeed.
func (p *problem) refused() bool {
	switch p.status {
	case http.StatusUnauthorized, http.StatusPaymentRequired, http.StatusForbidden, http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusGone,
		http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect, statusNoEndpoint:
		return true
	}
	return p.refusesModel() || p.refusesKey()
}

// cut shortens s to at most limit bytes at a character boundary, and then replaces
// invalid UTF-8.
func cut(s string, limit int) string {
	return strings.ToValidUTF8(clip.Text(s, limit), "\uFFFD")
}
