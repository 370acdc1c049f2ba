package twilio

import (
	"bytes"
	"encoding/json"
	"errors"
	"mime"
	"net/url"
	"strings"
)

// The bounds of a webhook. Twilio's own are far smaller.
const (
	MaxBody   = 1 << 20 // bytes
	maxFields = 500
)

// ErrFormat is the error for a body that is no webhook of Twilio's.
var ErrFormat = errors.New("the body is neither a form nor a JSON object of Twilio's")

// fieldsOf reads a body in either of Twilio's content types. A body without a type is a form.
func fieldsOf(contentType string, body []byte) (url.Values, error) {
	switch {
	case len(body) > MaxBody:
		return nil, ErrFormat
	case isJSON(contentType):
		return jsonFields(body)
	}
	return formFields(body)
}

func isJSON(contentType string) bool {
	kind, _, _ := mime.ParseMediaType(contentType)
	return kind == "application/json"
}

// formFields reads a form. The signature joins names and values without separators, so
// another form could have the same signature. Therefore the form must be as an encoder
// writes it: visible ASCII, an equals sign in each field, and a name that looks like one.
func formFields(body []byte) (url.Values, error) {
	fields := url.Values{}
	if len(body) == 0 {
		return fields, nil
	}
	if bytes.ContainsFunc(body, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return nil, ErrFormat
	}
	n := 0
	for pair := range strings.SplitSeq(string(body), "&") {
		name, value, ok := strings.Cut(pair, "=")
		name, badName := url.QueryUnescape(name)
		value, badValue := url.QueryUnescape(value)
		if n++; !ok || n > maxFields || badName != nil || badValue != nil || !isName(name) {
			return nil, ErrFormat
		}
		fields.Add(name, value)
	}
	return fields, nil
}

// isName reports whether a text can be the name of a field. Twilio adds fields without
// notice, and all have such names. A phone number and a URL are none.
func isName(text string) bool {
	return text != "" && strings.Trim(text, nameCharacters) == ""
}

const nameCharacters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-.[]"

// jsonFields reads an object. Fields whose values have parts are left out.
func jsonFields(body []byte) (url.Values, error) {
	var object map[string]any
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber()
	if err := dec.Decode(&object); err != nil || object == nil || dec.More() || len(object) > maxFields {
		return nil, ErrFormat
	}
	fields := make(url.Values, len(object))
	for name, value := range object {
		switch v := value.(type) {
		case string:
			fields.Set(name, v)
		case json.Number:
			fields.Set(name, v.String())
		case bool:
			if v {
				fields.Set(name, "true")
			} else {
				fields.Set(name, "false")
			}
		}
	}
	return fields, nil
}
