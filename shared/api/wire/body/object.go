package body

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/quintet-agents/quintet/shared/fault"
)

// Max is the largest request body, in bytes.
const Max = 1 << 20

// Object is a JSON object from a request. A handler reads its fields one by one, so that an error can
// name the field. Other fields are ignored.
type Object struct {
	Raw    []byte // as it was sent
	path   string // of the object itself; "" for the body
	fields map[string]json.RawMessage

	allowed []string // the fields that the handler reads; see Allow
}

// Read reads a request's body as a JSON object; a byte order mark before it
// is ignored. A body over Max is TooLarge, one that is compressed Unreadable,
// anything but an object Invalid.
func Read(r *http.Request) (Object, error) {
	body, err := Bytes(r, Max)
	if err != nil {
		return Object{}, err
	}
	return parseObject("", bytes.TrimPrefix(body, byteOrderMark))
}

// ReadOptional is Read for a request that may have no body, which counts as an empty object.
func ReadOptional(r *http.Request) (Object, error) {
	body, err := Bytes(r, Max)
	if err != nil || len(body) == 0 {
		return Object{}, err
	}
	return parseObject("", bytes.TrimPrefix(body, byteOrderMark))
}

// Bytes returns a request's body as it was sent, of at most limit bytes, which is a whole number
// of KiB. A longer body is TooLarge, and one that is compressed Unreadable.
func Bytes(r *http.Request, limit int64) ([]byte, error) {
	if err := checkEncoding(r); err != nil {
		return nil, err
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, limit+1))
	if err != nil {
		return nil, ErrUnreadable
	}
	if int64(len(body)) > limit {
		return nil, fault.New(fault.TooLarge, "The request body must be at most %s", sizeOf(limit))
	}
	return body, nil
}

func sizeOf(limit int64) string {
	const kibi, mebi = 10, 20
	if limit < 1<<mebi {
		return fmt.Sprintf("%d KiB", limit>>kibi)
	}
	return fmt.Sprintf("%d MiB", limit>>mebi)
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
	return fault.New(fault.Unreadable, "A body with the Content-Encoding %s is not supported: send it without an encoding", encoding)
}

// ErrUnreadable is the error for a request whose body was cut off.
var ErrUnreadable = fault.New(fault.Invalid, "The request body could not be read")

func parseObject(path string, raw []byte) (Object, error) {
	o := Object{Raw: raw, path: path}
	err := json.Unmarshal(raw, &o.fields)
	if isNull(raw) || err != nil {
		if path == "" {
			return Object{}, fault.Field("body", "The request body must be a JSON object%s", whyNot(raw, err))
		}
		return Object{}, otherKind(path, anObject, raw)
	}
	return o, nil
}

// Has reports whether the object has the field with another value than null.
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

// String returns a field that must be there and be a string. rule says what the string
// may be, as in "must be a name of 1 to 100 characters": String checks only the kind, and
// repeats the rule in its errors.
func (o Object) String(field, rule string) (string, error) {
	if !o.Has(field) {
		return "", o.Missing(field, rule)
	}
	return stringOf(o.at(field), o.fields[field], rule)
}

// OptionalString returns a field that must be a string if it is there and not
// null; otherwise nil. See String for the rule.
func (o Object) OptionalString(field, rule string) (*string, error) {
	if !o.Has(field) {
		return nil, nil
	}
	s, err := stringOf(o.at(field), o.fields[field], rule)
	if err != nil {
		return nil, err
	}
	return &s, nil
}

// OneOf returns a field that must be there and have one of the given values.
func (o Object) OneOf(field string, values ...string) (string, error) {
	rule := mustBe(values)
	s, err := o.String(field, rule)
	if err == nil && !slices.Contains(values, s) {
		err = fault.Rule(o.at(field), rule)
	}
	return s, err
}

// OptionalOneOf returns a field that must have one of the given values if it is there and
// not null; otherwise "".
func (o Object) OptionalOneOf(field string, values ...string) (string, error) {
	if !o.Has(field) {
		return "", nil
	}
	return o.OneOf(field, values...)
}

// mustBe returns the rule of a field that has one of the given values.
func mustBe(values []string) string {
	last := len(values) - 1
	return "must be " + strings.Join(values[:last], ", ") + " or " + values[last]
}

// Bool returns a field that must be true or false if it is there and not null;
// otherwise fallback.
func (o Object) Bool(field string, fallback bool) (bool, error) {
	if !o.Has(field) {
		return fallback, nil
	}
	var b bool
	if json.Unmarshal(o.fields[field], &b) != nil {
		return false, otherKind(o.at(field), "must be true or false", o.fields[field])
	}
	return b, nil
}

// OptionalBool returns a field that must be true or false if it is there and not null;
// otherwise nil.
func (o Object) OptionalBool(field string) (*bool, error) {
	b, err := o.Bool(field, false)
	if err != nil || !o.Has(field) {
		return nil, err
	}
	return &b, nil
}

// OptionalObject returns a field that must be an object of at most limit bytes
// if it is there and not null; otherwise nil. Its texts are what String would
// accept.
func (o Object) OptionalObject(field string, limit int) (json.RawMessage, error) {
	if !o.Has(field) {
		return nil, nil
	}
	at, raw := o.at(field), o.fields[field]
	rule := fmt.Sprintf("must be an object of at most %d bytes", limit)
	if !o.Begins(field, '{') {
		return nil, otherKind(at, rule, raw)
	}
	if len(raw) > limit {
		return nil, fault.Rule(at, rule)
	}
	if err := checkText(raw, texts(raw)); err != nil {
		return nil, fault.Rule(at, err.Error())
	}
	return raw, nil
}

// Text returns a required message content: a string, or a list of
// `{type:"text",text}` parts, which are joined.
func (o Object) Text(field string) (string, error) {
	const rule = "must be a string or a list of text parts"
	at := o.at(field)
	if !o.Has(field) {
		return "", o.Missing(field, rule)
	}
	raw := o.fields[field]
	if o.Begins(field, '"') {
		return stringOf(at, raw, rule)
	}
	var parts []json.RawMessage
	if json.Unmarshal(raw, &parts) != nil {
		return "", otherKind(at, rule, raw)
	}
	var joined strings.Builder
	for i, raw := range parts {
		text, err := textPart(fmt.Sprintf("%s[%d]", at, i), raw)
		if err != nil {
			return "", err
		}
		joined.WriteString(text)
	}
	return joined.String(), nil
}

// textPart returns the text of a `{type:"text",text}` part.
func textPart(at string, raw json.RawMessage) (string, error) {
	part, err := parseObject(at, raw)
	if err != nil {
		return "", err
	}
	part = part.Allow("type", "text")
	const rule = "must be text"
	kind, err := part.String("type", rule)
	if err != nil {
		return "", err
	}
	if kind != "text" {
		return "", fault.Rule(part.at("type"), rule)
	}
	return part.String("text", aString)
}

func (o Object) at(field string) string {
	if o.path == "" {
		return field
	}
	return o.path + "." + field
}

// stringOf decodes a JSON string. encoding/json silently replaces invalid Unicode, so a caller would get
// back another text than it sent. Here it is an error, and so is NUL, which many programs cannot store.
func stringOf(at string, raw json.RawMessage, rule string) (string, error) {
	if isNull(raw) {
		return "", otherKind(at, rule, raw)
	}
	var s string
	if json.Unmarshal(raw, &s) != nil {
		return "", otherKind(at, rule, raw)
	}
	if err := checkText(raw, s); err != nil {
		return "", fault.Rule(at, err.Error())
	}
	return s, nil
}

// The rules of fields that may have any value of a kind.
const (
	aString  = "must be a string"
	anObject = "must be an object"
)

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

// texts returns all strings in a JSON value, including the names in its objects.
func texts(raw []byte) string {
	var all strings.Builder
	tokens := json.NewDecoder(bytes.NewReader(raw))
	tokens.UseNumber() // accept numbers that are too large for a float
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

// hasLoneSurrogate reports whether valid JSON has a \u escape of one half of a surrogate pair without the
// other.
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

// surrogate returns the half of a surrogate pair that four hex digits are.
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
