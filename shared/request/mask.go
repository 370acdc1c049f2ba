package request

import (
	"encoding/base64"
	"encoding/json"
	"net/url"
	"slices"
	"strings"
)

// Masked replaces a secret wherever it is shown.
const Masked = "[secret]"

// Mask hides secrets in texts of servers: the values of secret headers as they are, without
// the scheme before a token, decoded from Basic authentication, and in the usual encodings.
type Mask struct {
	forms   []string // the longest first
	longest int
}

// NewMask returns a mask of some secrets.
func NewMask(secrets []string) *Mask {
	m := &Mask{}
	add := func(text string) {
		if len(text) < MinSecret {
			return
		}
		quoted, _ := json.Marshal(text)
		m.forms = append(m.forms,
			text, strings.Trim(string(quoted), `"`), strings.ReplaceAll(text, "/", `\/`), url.QueryEscape(text), url.PathEscape(text),
			base64.StdEncoding.EncodeToString([]byte(text)), base64.URLEncoding.EncodeToString([]byte(text)))
	}
	for _, s := range secrets {
		add(s)
		scheme, token, ok := strings.Cut(s, " ")
		if !ok {
			continue
		}
		add(strings.TrimSpace(token))
		if !strings.EqualFold(scheme, "Basic") {
			continue
		}
		if pair, err := base64.StdEncoding.DecodeString(strings.TrimSpace(token)); err == nil {
			add(string(pair))
			_, password, _ := strings.Cut(string(pair), ":")
			add(password)
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

// Hide returns the text without the secrets. A text that was cut may end within one, so then
// its last bytes are dropped.
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
