package meta

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/quintet-agents/quintet/shared/clip"
)

// The bounds of a webhook's body. Meta's own bodies nest about 12 deep, and 1,000 updates
// have fewer than 100,000 values. Both are checked before anything is decoded.
const (
	maxDepth  = 64
	maxValues = 1 << 17
)

// The longest texts that are kept, in bytes. A longer id or URL is as if it were absent,
// because a part of it is useless; a longer name is shortened.
const (
	maxID   = 512
	maxURL  = 4096
	maxName = 256
)

var (
	errTooDeep = errors.New("it nests too deep")
	errTooMany = errors.New("it has too many values")
	errNoRoot  = errors.New("it is not a JSON object")
	errMore    = errors.New("something follows the JSON object")
)

// object is a JSON object of a webhook. Its methods return zero values for members that are
// absent or of another type, and they work on nil: one bad element must not spoil a batch.
// Of a key that occurs twice, the last counts.
type object map[string]any

// decode returns the JSON object of a body. Bytes that are not UTF-8 and lone surrogates
// become replacement characters.
func decode(body []byte) (object, error) {
	body = bytes.TrimPrefix(body, []byte("\ufeff"))
	if err := bounded(body); err != nil {
		return nil, err
	}
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber() // ids may have more digits than a float64
	var root any
	if err := decoder.Decode(&root); err != nil {
		return nil, err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errMore
	}
	o, ok := root.(map[string]any)
	if !ok {
		return nil, errNoRoot
	}
	return o, nil
}

// bounded returns an error for a body that nests too deep or has too many values. It need not
// be JSON.
func bounded(body []byte) error {
	depth, values, inText := 0, 0, false
	for i := 0; i < len(body); i++ {
		switch c := body[i]; {
		case inText:
			if c == '\\' {
				i++
			}
			inText = c != '"'
		case c == '"':
			inText = true
		case c == '{' || c == '[':
			depth++
			values++
		case c == '}' || c == ']':
			depth--
		case c == ',':
			values++
		}
		if depth > maxDepth {
			return errTooDeep
		}
		if values > maxValues {
			return errTooMany
		}
	}
	return nil
}

// has reports whether a member is an object.
func (o object) has(name string) bool {
	_, ok := o[name].(map[string]any)
	return ok
}

// object returns a member that is an object.
func (o object) object(name string) object {
	member, _ := o[name].(map[string]any)
	return member
}

// objects returns a member that is a list, with nil for each element that is no object.
func (o object) objects(name string) []object {
	list, _ := o[name].([]any)
	all := make([]object, len(list))
	for i, element := range list {
		all[i], _ = element.(map[string]any)
	}
	return all
}

// text returns a member that is a string or a number, as it is written but without NUL, which
// many programs cannot store.
func (o object) text(name string) string {
	switch member := o[name].(type) {
	case string:
		return strings.ReplaceAll(member, "\x00", "")
	case json.Number:
		return member.String()
	}
	return ""
}

// id returns a text that identifies something.
func (o object) id(name string) string { return short(o.text(name), maxID) }

// url returns a text that is a URL.
func (o object) url(name string) string { return short(o.text(name), maxURL) }

// name returns a text that a person or Meta chose for something.
func (o object) name(name string) string {
	return clip.Text(strings.TrimSpace(o.text(name)), maxName)
}

// flag reports whether a member is true.
func (o object) flag(name string) bool {
	set, _ := o[name].(bool)
	return set
}

// The times that are believed: from 2000 to 2100.
const (
	earliest = 946684800
	latest   = 4102444800
)

// moment returns a time. WhatsApp writes seconds in a string, the others milliseconds in a
// number, and test events mix both. It is zero for what is no time.
func (o object) moment(name string) time.Time {
	seconds, err := strconv.ParseFloat(strings.TrimSpace(o.text(name)), 64)
	const milliseconds = 1000
	switch {
	case err != nil:
	case seconds >= earliest && seconds < latest:
		return time.Unix(int64(seconds), 0).UTC()
	case seconds >= earliest*milliseconds && seconds < latest*milliseconds:
		return time.UnixMilli(int64(seconds)).UTC()
	}
	return time.Time{}
}

// sha256 returns a hash in base64. Webhooks have it in base64, and other answers in hex.
func (o object) sha256(name string) string {
	hash := o.id(name)
	if raw, err := hex.DecodeString(hash); err == nil {
		return base64.StdEncoding.EncodeToString(raw)
	}
	return hash
}

func short(text string, most int) string {
	if len(text) > most {
		return ""
	}
	return text
}
