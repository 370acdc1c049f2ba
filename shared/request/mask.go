package request

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/url"
	"slices"
	"strings"
)

// Masked replaces a secret wherever it is shown.
const Masked = "[secret]"

// Mask hides secrets in texts of servers: the values of secret headers as they are, without
// the scheme before a token, decoded from Basic authentication, and in the usual encodings. A
// server that means to tell a secret can do so in a form of its own, such as backwards.
type Mask struct {
	forms   []string // the longest first
	longest int
}

// NewMask returns a mask of some secrets. A secret, or a part of one, that is shorter than
// MinSecret stays.
func NewMask(secrets []string) *Mask {
	m := &Mask{}
	for _, value := range secrets {
		m.add(value)
		scheme, token, ok := strings.Cut(value, " ")
		if !ok {
			continue
		}
		m.add(strings.TrimSpace(token))
		if !strings.EqualFold(scheme, "Basic") {
			continue
		}
		if pair, err := base64.StdEncoding.DecodeString(strings.TrimSpace(token)); err == nil {
			m.add(string(pair))
			_, password, _ := strings.Cut(string(pair), ":")
			m.add(password)
		}
	}
	slices.SortFunc(m.forms, func(a, b string) int {
		if len(a) != len(b) {
			return len(b) - len(a)
		}
		return strings.Compare(a, b)
	})
	m.forms = slices.Compact(m.forms)
	if len(m.forms) > 0 {
		m.longest = len(m.forms[0])
	}
	return m
}

// add adds the forms of a text.
func (m *Mask) add(text string) {
	if len(text) < MinSecret {
		return
	}
	raw := []byte(text)
	m.forms = append(m.forms,
		text, quoted(text, true), quoted(text, false), strings.ReplaceAll(text, "/", `\/`), strings.ReplaceAll(quoted(text, false), "/", `\/`),
		url.QueryEscape(text), url.PathEscape(text), hex.EncodeToString(raw))
	for _, encoding := range []*base64.Encoding{base64.StdEncoding, base64.URLEncoding, base64.RawStdEncoding, base64.RawURLEncoding} {
		m.forms = append(m.forms, encoding.EncodeToString(raw))
	}
}

// quoted returns a text as it stands within a JSON string, with or without HTML's characters
// escaped.
func quoted(text string, escapeHTML bool) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(escapeHTML)
	_ = e.Encode(text) // of a text, so there is no error
	return strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(b.String()), `"`), `"`)
}

// Hide returns the text without the secrets. A text that was cut may end within one, so then
// its last bytes are dropped. A text is shortened after it, or the rest of a secret would show.
func (m *Mask) Hide(text string, cut bool) string {
	for _, form := range m.forms {
		text = strings.ReplaceAll(text, form, Masked)
	}
	if cut && m.longest > 0 {
		text = text[:max(0, len(text)-m.longest)]
	}
	return text
}

// Longest returns the length of the longest form of a secret: so much more of a text must be read
// for its end to be hidden.
func (m *Mask) Longest() int { return m.longest }
