package tool

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/http/httpguts"

	"github.com/quintet-agents/quintet/shared/agent"
	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/template"
)

// The rules of a definition's fields, for errors.
var (
	NameRule        = fmt.Sprintf("must be 1 to %d letters, digits, underscores and hyphens", MaxName)
	DescriptionRule = fmt.Sprintf("must be a string of 1 to %d characters", MaxDescription)
	HeaderRule      = fmt.Sprintf("must be a string of at most %d bytes", MaxHeader)
	SecretRule      = fmt.Sprintf("must be a string of %d to %d ASCII characters on one line", minSecret, MaxHeader)
)

var nameForm = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

// ValidName reports whether a model can call a tool by this name.
func ValidName(name string) bool { return nameForm.MatchString(name) }

// ValidSecret reports whether a text can be the value of a secret header.
func ValidSecret(value string) bool {
	return len(value) >= minSecret && len(value) <= MaxHeader && strings.TrimSpace(value) == value &&
		strings.IndexFunc(value, func(r rune) bool { return r < ' ' || r > '~' }) < 0
}

// The methods that send no arguments of their own.
const (
	get    = "GET"
	remove = "DELETE"
)

// Methods are the methods of HTTP tools.
func Methods() []string {
	return []string{get, "POST", "PUT", "PATCH", remove}
}

// Compiled is an HTTP tool that is ready to run.
type Compiled struct {
	tool    agent.Tool
	schema  *Schema
	url     *template.Template
	headers map[string]*template.Template
	body    *template.Template // nil: the arguments as JSON, or no body
}

// Compile checks the definition of an HTTP tool. An Invalid error names the field, and the
// line and column of a template's mistake. Whether the host may be called is not checked.
func Compile(t agent.Tool) (*Compiled, error) {
	c := &Compiled{tool: t, headers: map[string]*template.Template{}}
	if !ValidName(t.Name) {
		return nil, fault.Rule("name", NameRule)
	}
	if n := utf8.RuneCountInString(t.Description); n < 1 || n > MaxDescription || strings.TrimSpace(t.Description) == "" {
		return nil, fault.Rule("description", DescriptionRule)
	}
	if !slices.Contains(Methods(), t.Method) {
		return nil, fault.Field("method", "method must be GET, POST, PUT, PATCH or DELETE")
	}
	if t.Timeout != 0 && (t.Timeout < MinTimeout || t.Timeout > MaxTimeout) {
		return nil, fault.Field("timeout_seconds", "timeout_seconds must be from %d to %d", MinTimeout/1e9, MaxTimeout/1e9)
	}
	var err error
	if c.schema, err = CompileSchema("parameters", Parameters(t)); err != nil {
		return nil, err
	}
	if c.url, err = parse(template.URL, "url", t.URL); err != nil {
		return nil, err
	}
	if err := c.compileHeaders(t); err != nil {
		return nil, err
	}
	return c, c.compileBody(t)
}

// Parameters returns the schema of a tool's arguments; one without a schema has none.
func Parameters(t agent.Tool) json.RawMessage {
	if len(t.Parameters) == 0 {
		return json.RawMessage(`{"type":"object","properties":{}}`)
	}
	return t.Parameters
}

// Origin returns the scheme and the host of the tool's URL.
func (c *Compiled) Origin() string { return c.url.Origin() }

func (c *Compiled) compileHeaders(t agent.Tool) error {
	if len(t.Headers)+len(t.SecretHeaders) > MaxHeaders {
		return fault.Field("headers", "headers and secret_headers must have at most %d entries", MaxHeaders)
	}
	seen := map[string]bool{}
	check := func(field, name string) error {
		at := field + "." + name
		switch folded := strings.ToLower(name); {
		case !ValidHeader(name):
			return fault.Field(at, "%s must be the name of a header that the service does not set itself", clipped(at))
		case seen[folded]:
			return fault.Field(at, "%s must be there once", clipped(at))
		default:
			seen[folded] = true
		}
		return nil
	}
	for _, name := range slices.Sorted(maps.Keys(t.Headers)) {
		text := t.Headers[name]
		if err := check("headers", name); err != nil {
			return err
		}
		if len(text) > MaxHeader {
			return fault.Rule("headers."+name, HeaderRule)
		}
		var err error
		if c.headers[name], err = parse(template.Header, "headers."+name, text); err != nil {
			return err
		}
	}
	for _, name := range slices.Sorted(maps.Keys(t.SecretHeaders)) {
		if err := check("secret_headers", name); err != nil {
			return err
		}
	}
	return nil
}

// ValidHeader reports whether a tool can have a header of this name. Those that belong to
// the connection, to the signature and to the idempotency id are the service's.
func ValidHeader(name string) bool {
	folded := strings.ToLower(name)
	if len(name) > MaxName || !httpguts.ValidHeaderFieldName(name) || strings.HasPrefix(folded, "webhook-") || strings.HasPrefix(folded, "proxy-") {
		return false
	}
	return !slices.Contains([]string{
		"host", "connection", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade", "content-length", "expect",
		"accept-encoding", "content-encoding", "idempotency-key",
	}, folded)
}

// The types of bodies.
const (
	jsonType = "application/json"
	formType = "application/x-www-form-urlencoded"
	textType = "text/plain"
)

func (c *Compiled) compileBody(t agent.Tool) error {
	kind := template.JSON
	for name, text := range t.Headers {
		if !strings.EqualFold(name, "Content-Type") {
			continue
		}
		essence, _, _ := strings.Cut(strings.ToLower(text), ";")
		switch essence = strings.TrimSpace(essence); {
		case strings.Contains(text, "{{"):
			return fault.Field("headers."+name, "%s must be written out", "headers."+name)
		case essence == formType:
			kind = template.Form
		case essence == textType:
			kind = template.Text
		case essence != jsonType && !strings.HasSuffix(essence, "+json"):
			return fault.Field("headers."+name, "%s must be %s, %s or %s: values can be encoded for these", "headers."+name, jsonType, formType, textType)
		}
	}
	if t.Body == "" {
		if kind != template.JSON && sendsArguments(t) {
			return fault.Field("body", "body is required with this Content-Type: without a body the arguments are sent as JSON")
		}
		return nil
	}
	if t.Method == get {
		return fault.Field("body", "body must be left out for GET")
	}
	var err error
	c.body, err = parse(kind, "body", t.Body)
	return err
}

// sendsArguments reports whether a tool without a body sends its arguments.
func sendsArguments(t agent.Tool) bool {
	return t.Method != get && t.Method != remove
}

// parse parses a template; the error names the field with the line and the column.
func parse(kind template.Kind, field, text string) (*template.Template, error) {
	t, err := template.Parse(kind, text)
	if err == nil {
		return t, nil
	}
	return nil, template.Refused(field, err)
}
