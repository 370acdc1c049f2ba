package body

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/quintet-agents/quintet/shared/fault"
)

// Max is the largest request body, in bytes.
const Max = 1 << 20

// Object is a JSON object from a request. Its fields are read one by one, so
// that an error can name the field; fields that nobody reads are ignored.
type Object struct {
	Raw    []byte // as it came
	path   string // of the object itself; "" for the body
	fields map[string]json.RawMessage
}

// Read reads a request's body as a JSON object; a byte order mark before it
// is ignored. A body over Max is TooLarge, one that is compressed Unreadable,
// anything but an object Invalid.
func Read(r *http.Request) (Object, error) {
	if err := checkEncoding(r); err != nil {
		return Object{}, err
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, Max+1))
	if err != nil {
		return Object{}, ErrUnreadable
	}
	if len(body) > Max {
		return Object{}, fault.New(fault.TooLarge, "The request body must be at most 1 MiB")
	}
	return parseObject("", bytes.TrimPrefix(body, byteOrderMark))
}

var byteOrderMark = []byte("\ufeff")

// checkEncoding returns an Unreadable error for an encoded body. API Gateway passes
// bodies on as text, so compressed bytes would not arrive intact.
func checkEncoding(r *http.Request) error {
	encoding := strings.TrimSpace(strings.Join(r.Header.Values("Content-Encoding"), ", "))
	if encoding == "" || strings.EqualFold(encoding, "identity") {
		return nil
	}
	if len(encoding) > 64 || strings.ContainsFunc(encoding, func(r rune) bool { return r < ' ' || r > '~' }) {
		encoding = "of the request"
	}
	return fault.New(fault.Unreadable, "A body with the Content-Encoding %s is not read: send it as it is", encoding)
}

// ErrUnreadable is the error for a request whose body broke off.
var ErrUnreadable = fault.New(fault.Invalid, "The request body could not be read")

func parseObject(path string, raw []byte) (Object, error) {
	o := Object{Raw: raw, path: path}
	err := json.Unmarshal(raw, &o.fields)
	if isNull(raw) || err != nil {
		if path == "" {
			return Object{}, fault.Field("body", "The request body must be a JSON object%s", whyNot(raw, err))
		}
		return Object{}, fault.Field(path, "%s must be an object", path)
	}
	return o, nil
}

// Has reports whether the object has the field, and not as null.
func (o Object) Has(field string) bool {
	raw, ok := o.fields[field]
	return ok && !isNull(raw)
}

// IsNull reports whether the object has the field as null.
func (o Object) IsNull(field string) bool {
	raw, ok := o.fields[field]
	return ok && isNull(raw)
}

// Begins reports whether the field's JSON begins with c: '"' for a string, '{'
// for an object, '[' for a list.
func (o Object) Begins(field string, c byte) bool {
	raw := o.fields[field]
	return len(raw) > 0 && raw[0] == c
}

// String returns a field that must be there and be a string.
func (o Object) String(field string) (string, error) {
	s, err := o.OptionalString(field)
	if err != nil {
		return "", err
	}
	if s == nil {
		return "", fault.Field(o.at(field), "%s is required", o.at(field))
	}
	return *s, nil
}

// OptionalString returns a field that must be a string if it is there and not
// null; otherwise nil.
func (o Object) OptionalString(field string) (*string, error) {
	if !o.Has(field) {
		return nil, nil
	}
	return stringOf(o.at(field), o.fields[field])
}

// Bool returns a field that must be true or false if it is there and not null;
// otherwise fallback.
func (o Object) Bool(field string, fallback bool) (bool, error) {
	if !o.Has(field) {
		return fallback, nil
	}
	var b bool
	if json.Unmarshal(o.fields[field], &b) != nil {
		return false, fault.Field(o.at(field), "%s must be true or false", o.at(field))
	}
	return b, nil
}

// OptionalObject returns a field that must be an object of at most limit bytes
// if it is there and not null; otherwise nil. Its texts are what String would
// accept.
func (o Object) OptionalObject(field string, limit int) (json.RawMessage, error) {
	if !o.Has(field) {
		return nil, nil
	}
	at, raw := o.at(field), o.fields[field]
	if _, err := parseObject(at, raw); err != nil {
		return nil, err
	}
	if len(raw) > limit {
		return nil, fault.Field(at, "%s must be at most %d bytes", at, limit)
	}
	if err := checkText(raw, texts(raw)); err != nil {
		return nil, fault.Field(at, "%s %s", at, err.Error())
	}
	return raw, nil
}

// Text returns a required message content: a string, or a list of
// `{type:"text",text}` parts, which are joined.
func (o Object) Text(field string) (string, error) {
	at := o.at(field)
	if !o.Has(field) {
		return "", fault.Field(at, "%s is required", at)
	}
	raw := o.fields[field]
	if s, err := stringOf(at, raw); err == nil || raw[0] == '"' {
		if err != nil {
			return "", err
		}
		return *s, nil
	}
	var parts []json.RawMessage
	if json.Unmarshal(raw, &parts) != nil {
		return "", fault.Field(at, "%s must be a string or a list of text parts", at)
	}
	var joined strings.Builder
	for _, raw := range parts {
		part, err := parseObject(at, raw)
		if err != nil {
			return "", fault.Field(at, "%s must be a string or a list of text parts", at)
		}
		if kind, err := part.String("type"); err != nil || kind != "text" {
			return "", fault.Field(at, "%s may only have parts of type text", at)
		}
		text, err := part.String("text")
		if err != nil {
			return "", err
		}
		joined.WriteString(text)
	}
	return joined.String(), nil
}

func (o Object) at(field string) string {
	if o.path == "" {
		return field
	}
	return o.path + "." + field
}

// stringOf decodes a JSON string. encoding/json quietly replaces what is no
// Unicode; a caller would then get back other text than it sent, so that is an
// error here, as is NUL, which many readers of stored text cannot bear.
func stringOf(at string, raw json.RawMessage) (*string, error) {
	var s string
	if json.Unmarshal(raw, &s) != nil {
		return nil, fault.Field(at, "%s must be a string", at)
	}
	if err := checkText(raw, s); err != nil {
		return nil, fault.Field(at, "%s %s", at, err.Error())
	}
	return &s, nil
}

var (
	errNUL       = errors.New("must not contain NUL")
	errSurrogate = errors.New("must not contain lone surrogates")
	errUTF8      = errors.New("must be valid UTF-8")
)

func checkText(raw []byte, decoded string) error {
	switch {
	case strings.ContainsRune(decoded, 0):
		return errNUL
	case !utf8.Valid(raw):
		return errUTF8
	case strings.ContainsRune(decoded, utf8.RuneError) && hasLoneSurrogate(raw):
		return errSurrogate
	}
	return nil
}

// texts returns all strings of a JSON value, its objects' names included.
func texts(raw []byte) string {
	var all strings.Builder
	tokens := json.NewDecoder(bytes.NewReader(raw))
	tokens.UseNumber() // one that is too large for a float is no error here
	for {
		token, err := tokens.Token()
		if err != nil {
			return all.String()
		}
		if s, ok := token.(string); ok {
			all.WriteString(s)
		}
	}
}

// hasLoneSurrogate looks for a \u escape of one half of a pair without the
// other in valid JSON.
func hasLoneSurrogate(raw []byte) bool {
	for i := 0; i < len(raw); i++ {
		if raw[i] != '\\' {
			continue
		}
		i++
		if raw[i] != 'u' {
			continue
		}
		switch half := surrogate(raw[i+1 : i+5]); half {
		case low:
			return true
		case high:
			next := raw[i+5:]
			if len(next) < 6 || next[0] != '\\' || next[1] != 'u' || surrogate(next[2:6]) != low {
				return true
			}
			i += 10
		default:
			i += 4
		}
	}
	return false
}

type half int

const (
	none half = iota
	high
	low
)

// surrogate tells which half of a pair four hex digits are.
func surrogate(hex []byte) half {
	digits := bytes.ToLower(hex)
	switch {
	case digits[0] != 'd':
		return none
	case digits[1] >= '8' && digits[1] <= '9', digits[1] == 'a', digits[1] == 'b':
		return high
	case digits[1] >= 'c' && digits[1] <= 'f':
		return low
	}
	return none
}

func isNull(raw []byte) bool { return string(bytes.TrimSpace(raw)) == "null" }
