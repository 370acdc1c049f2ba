package hook

import (
	"bytes"
	"encoding/json"
	"mime"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/quintet-agents/quintet/shared/automation"
	"github.com/quintet-agents/quintet/shared/fault"
)

const (
	// MaxBody is the longest body of a request, in bytes.
	MaxBody = 256 << 10

	// maxTrigger is the most that a run keeps of a request, in bytes of JSON. A row of the table
	// has it together with the definition and its secrets.
	maxTrigger = 272 << 10

	// maxHeaders is the most that a run keeps of the headers of a request, in bytes.
	maxHeaders = 8 << 10
)

// The errors of bodies that start no run.
var (
	errJSON  = fault.Field("body", "The body must be JSON, as its Content-Type says")
	errDepth = fault.Field("body", "The body must have at most %d lists and objects within each other", automation.MaxDataDepth)
	errLong  = fault.New(fault.TooLarge, "The request body takes more than 256 KiB as JSON")
)

// trigger is what templates see as trigger.
type trigger struct {
	Body        any               `json:"body"`
	Headers     map[string]string `json:"headers"`
	ContentType string            `json:"content_type"` // without parameters
}

// Read returns what templates see of a request: its body as JSON, a form as an object, anything
// else as a text; its headers by their names in lower case; and its type. Without a type, a body
// that is JSON is read as such.
func Read(h http.Header, raw []byte) (json.RawMessage, error) {
	t := trigger{Headers: headersOf(h), ContentType: typeOf(h.Get("Content-Type"))}
	plain := bytes.TrimPrefix(raw, []byte("\ufeff"))
	valid := utf8.Valid(plain) && json.Valid(plain)
	switch {
	case isJSON(t.ContentType) && !valid:
		return nil, errJSON
	case isJSON(t.ContentType), t.ContentType == "" && valid:
		if automation.Depth(plain) > automation.MaxDataDepth {
			return nil, errDepth
		}
		t.Body = json.RawMessage(plain)
	case t.ContentType == "application/x-www-form-urlencoded":
		t.Body = parseForm(string(raw))
	default:
		t.Body = strings.ToValidUTF8(string(raw), replacement)
	}
	out, err := automation.Encode(t)
	if err == nil && len(out) > maxTrigger {
		err = errLong
	}
	return out, err
}

// typeOf returns a media type in lower case, without its parameters.
func typeOf(header string) string {
	if parsed, _, err := mime.ParseMediaType(header); err == nil {
		return parsed
	}
	name, _, _ := strings.Cut(header, ";")
	return strings.ToLower(strings.TrimSpace(name))
}

func isJSON(contentType string) bool {
	return contentType == "application/json" || contentType == "text/json" || strings.HasSuffix(contentType, "+json")
}

// secretive are parts of the names of headers that carry credentials. Runs are kept and shown, so
// they have none of these headers.
var secretive = []string{"authorization", "cookie", "signature", "secret", "token", "password", "api-key", "apikey"}

// headersOf returns the headers of a request that a run keeps, in the order of their names as far
// as there is room.
func headersOf(h http.Header) map[string]string {
	names := make([]string, 0, len(h))
	for name := range h {
		names = append(names, name)
	}
	slices.Sort(names)
	kept, left := map[string]string{}, maxHeaders
	for _, name := range names {
		lower := strings.ToLower(name)
		if slices.ContainsFunc(secretive, func(part string) bool { return strings.Contains(lower, part) }) {
			continue
		}
		value := strings.ToValidUTF8(strings.Join(h[name], ", "), replacement)
		if left -= len(lower) + len(value); left < 0 {
			break
		}
		kept[lower] = value
	}
	return kept
}
