package tool

import (
	"encoding/base64"
	"encoding/json"
	"net/url"
	"slices"
	"strings"

	"github.com/quintet-agents/quintet/shared/request"
)

// masked replaces a secret wherever it is shown.
const masked = "[secret]"

// mask hides secrets in texts of servers: the values of secret headers as they are, without
// the scheme before a token, decoded from Basic authentication, and in the usual encodings.
type mask struct {
	forms   []string // the longest first
	longest int
}

func newMask(secrets []string) *mask {
	m := &mask{}
	add := func(text string) {
		if len(text) < request.MinSecret {
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

// hide returns the text without the secrets. A text that was cut may end within one, so then
// its last bytes are dropped.
func (m *mask) hide(text string, cut bool) string {
	for _, form := range m.forms {
		text = strings.ReplaceAll(text, form, masked)
	}
	if cut && m.longest > 0 {
		text = text[:max(0, len(text)-m.longest)]
	}
	return text
}
