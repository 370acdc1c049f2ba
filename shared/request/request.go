// Package request compiles and renders HTTP requests whose URL, headers and body are templates:
// those of agents' tools and of automations' steps. No value changes the host, the segments of
// the path, the structure of the body or the number of header lines.
package request

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"golang.org/x/net/http/httpguts"

	"github.com/quintet-agents/quintet/shared/delivery"
	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/template"
)

// The limits of a request's headers.
const (
	MaxHeaders    = 20   // with the secret ones
	MaxHeader     = 2000 // bytes of a header's template, or of a secret's value
	MinSecret     = 4    // characters; a shorter value could not be masked
	maxHeaderName = 64
)

// The rules of headers, for errors.
var (
	HeaderRule = fmt.Sprintf("must be a string of at most %d bytes", MaxHeader)
	SecretRule = fmt.Sprintf("must be a string of %d to %d ASCII characters on one line", MinSecret, MaxHeader)
)

// The methods whose requests have no body unless one is given.
const (
	get    = "GET"
	remove = "DELETE"
)

// Methods are the methods of requests.
func Methods() []string { return []string{get, "POST", "PUT", "PATCH", remove} }

// Definition is a request as somebody wrote it.
type Definition struct {
	Method        string
	URL           string // a template, but for the scheme and the host
	Headers       map[string]string
	SecretHeaders []string // names; values are added when the request is sent
	Body          string   // empty: none of its own
}

// Template is a request that is ready to render. It is immutable.
type Template struct {
	method  string
	url     *template.Template
	headers map[string]*template.Template
	body    *template.Template // nil: none of its own
	kind    template.Kind      // of the body
}

// Compile checks a definition. An Invalid error names the field, and the line and column of a
// template's mistake. Whether the host may be called is not checked.
func Compile(d Definition) (*Template, error) {
	t := &Template{method: d.Method, headers: map[string]*template.Template{}}
	if !slices.Contains(Methods(), d.Method) {
		return nil, fault.Field("method", "method must be GET, POST, PUT, PATCH or DELETE")
	}
	var err error
	if t.url, err = parse(template.URL, "url", d.URL); err != nil {
		return nil, err
	}
	if err := t.compileHeaders(d); err != nil {
		return nil, err
	}
	return t, t.compileBody(d)
}

// Origin returns the scheme and the host of the URL.
func (t *Template) Origin() string { return t.url.Origin() }

// TakesData reports whether a request without a body of its own sends the data, as JSON.
func (t *Template) TakesData() bool { return t.open() && t.kind == template.JSON }

// NeedsBody reports whether a request must have a body of its own, because its type is not JSON.
func (t *Template) NeedsBody() bool { return t.open() && t.kind != template.JSON }

// open reports whether the request has room for a body.
func (t *Template) open() bool { return t.body == nil && t.method != get && t.method != remove }

func (t *Template) compileHeaders(d Definition) error {
	if len(d.Headers)+len(d.SecretHeaders) > MaxHeaders {
		return fault.Field("headers", "headers and secret_headers must have at most %d entries", MaxHeaders)
	}
	seen := map[string]bool{}
	check := func(field, name string) error {
		at := field + "." + name
		switch folded := strings.ToLower(name); {
		case len(name) > maxHeaderName || !httpguts.ValidHeaderFieldName(name):
			return fault.Field(at, "%s must be a name of 1 to %d characters that headers may have: letters, digits and hyphens", template.Shown(at), maxHeaderName)
		case !ValidHeader(name):
			return fault.Field(at, "%s must be the name of a header that the service does not set itself", template.Shown(at))
		case seen[folded]:
			return fault.Field(at, "%s must be there once", template.Shown(at))
		default:
			seen[folded] = true
		}
		return nil
	}
	for _, name := range slices.Sorted(maps.Keys(d.Headers)) {
		text := d.Headers[name]
		if err := check("headers", name); err != nil {
			return err
		}
		if len(text) > MaxHeader {
			return fault.Rule("headers."+name, HeaderRule)
		}
		var err error
		if t.headers[name], err = parse(template.Header, "headers."+name, text); err != nil {
			return err
		}
	}
	for _, name := range slices.Sorted(slices.Values(d.SecretHeaders)) {
		if err := check("secret_headers", name); err != nil {
			return err
		}
	}
	return nil
}

// reserved begin the names of headers of the service and of proxies.
var reserved = []string{"webhook-", "proxy-", "quintet-"}

// ValidHeader reports whether a request can have a header of this name. Those that belong to
// the connection, to the signature, to the idempotency id and to the chain of automations are the
// service's.
func ValidHeader(name string) bool {
	folded := strings.ToLower(name)
	if len(name) > maxHeaderName || !httpguts.ValidHeaderFieldName(name) || slices.ContainsFunc(reserved, func(prefix string) bool { return strings.HasPrefix(folded, prefix) }) {
		return false
	}
	return !slices.Contains([]string{
		"host", "connection", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade", "content-length", "expect",
		"accept-encoding", "content-encoding", "idempotency-key",
	}, folded)
}

// ValidSecret reports whether a text can be the value of a secret header.
func ValidSecret(value string) bool {
	return len(value) >= MinSecret && len(value) <= MaxHeader && strings.TrimSpace(value) == value &&
		strings.IndexFunc(value, func(r rune) bool { return r < ' ' || r > '~' }) < 0
}

// The types of bodies.
const (
	jsonType = "application/json"
	formType = "application/x-www-form-urlencoded"
	textType = "text/plain"
)

func (t *Template) compileBody(d Definition) error {
	t.kind = template.JSON
	for name, text := range d.Headers {
		if !strings.EqualFold(name, "Content-Type") {
			continue
		}
		essence, _, _ := strings.Cut(strings.ToLower(text), ";")
		switch essence = strings.TrimSpace(essence); {
		case strings.Contains(text, "{{"):
			return fault.Field("headers."+name, "%s must be written out", "headers."+name)
		case essence == formType:
			t.kind = template.Form
		case essence == textType:
			t.kind = template.Text
		case essence != jsonType && !strings.HasSuffix(essence, "+json"):
			return fault.Field("headers."+name, "%s must be %s, %s or %s: values can be encoded for these", "headers."+name, jsonType, formType, textType)
		}
	}
	if d.Body == "" {
		return nil
	}
	if d.Method == get {
		return fault.Field("body", "body must be left out for GET")
	}
	var err error
	t.body, err = parse(t.kind, "body", d.Body)
	if f, ok := errors.AsType[*fault.Error](err); ok && t.kind == template.JSON && !strings.HasPrefix(strings.TrimSpace(d.Body), "{") && !strings.HasPrefix(strings.TrimSpace(d.Body), "[") {
		return fault.Field(f.Field, "%s", f.Message+"; a body that is not JSON needs a header Content-Type, such as text/plain")
	}
	return err
}

// CheckNames applies a rule to the names in all templates, like that of template.Template. An
// Invalid error names the field.
func (t *Template) CheckNames(rule func(name string) string) error {
	if err := t.url.CheckNames(rule); err != nil {
		return template.Refused("url", err)
	}
	for _, name := range slices.Sorted(maps.Keys(t.headers)) {
		if err := t.headers[name].CheckNames(rule); err != nil {
			return template.Refused("headers."+name, err)
		}
	}
	if t.body == nil {
		return nil
	}
	if err := t.body.CheckNames(rule); err != nil {
		return template.Refused("body", err)
	}
	return nil
}

// parse parses a template; the error names the field with the line and the column.
func parse(kind template.Kind, field, text string) (*template.Template, error) {
	t, err := template.Parse(kind, text)
	if err == nil {
		return t, nil
	}
	return nil, template.Refused(field, err)
}

// Render returns the request with the values of data. Its error describes the value that does
// not fit.
func (t *Template) Render(data any) (delivery.Call, error) {
	call := delivery.Call{Method: t.method, Headers: map[string]string{}}
	var err error
	if call.URL, err = render(t.url, data); err != nil {
		return call, err
	}
	if len(call.URL) > delivery.MaxURL {
		return call, errors.New("with these values its URL is too long")
	}
	for name, h := range t.headers {
		if call.Headers[name], err = render(h, data); err != nil {
			return call, err
		}
	}
	if t.body != nil {
		body, err := render(t.body, data)
		call.Body = []byte(body)
		return typed(call), err
	}
	return call, nil
}

// WithData returns the call with data as its JSON body.
func WithData(call delivery.Call, data []byte) delivery.Call {
	call.Body = data
	return typed(call)
}

// typed adds the type of the body, unless the call has one.
func typed(call delivery.Call) delivery.Call {
	for name := range call.Headers {
		if strings.EqualFold(name, "Content-Type") {
			return call
		}
	}
	if len(call.Body) > 0 {
		call.Headers["Content-Type"] = jsonType
	}
	return call
}

func render(t *template.Template, data any) (string, error) {
	text, err := t.Render(data)
	if mistake, ok := errors.AsType[*template.Error](err); ok {
		return "", errors.New(mistake.Problem)
	}
	return text, err
}
