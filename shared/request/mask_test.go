package request_test

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/url"
	"strings"
	"testing"

	"github.com/quintet-agents/quintet/shared/request"
)

const token = `k/5b"1e+<of>&the-page`

// A value is hidden in each form in which servers repeat it.
func TestMask_Forms(t *testing.T) {
	m := request.NewMask([]string{"Bearer " + token})
	quoted, _ := json.Marshal(token)
	for name, form := range map[string]string{
		"plain":                  token,
		"with its scheme":        "Bearer " + token,
		"JSON":                   string(quoted),
		"JSON without HTML":      `"k/5b\"1e+<of>&the-page"`,
		"JSON with slashes":      `"k\/5b\"1e+<of>&the-page"`,
		"a query":                url.QueryEscape(token),
		"a path":                 url.PathEscape(token),
		"base64":                 base64.StdEncoding.EncodeToString([]byte(token)),
		"base64 of both":         base64.StdEncoding.EncodeToString([]byte("Bearer " + token)),
		"base64 without padding": base64.RawStdEncoding.EncodeToString([]byte("Bearer " + token)),
		"base64 for URLs":        base64.URLEncoding.EncodeToString([]byte(token)),
		"both":                   base64.RawURLEncoding.EncodeToString([]byte("Bearer " + token)),
		"hex":                    hex.EncodeToString([]byte(token)),
	} {
		got := m.Hide("before "+form+" behind", false)
		if strings.Contains(got, form) || !strings.HasPrefix(got, "before ") || !strings.HasSuffix(got, " behind") || !strings.Contains(got, request.Masked) {
			t.Errorf("%s: got %q, want it masked", name, got)
		}
	}
}

// Basic authentication is known by its parts, and short values stay.
func TestMask_Basic(t *testing.T) {
	m := request.NewMask([]string{"Basic " + base64.StdEncoding.EncodeToString([]byte("ann:pass-word")), "abc"})
	if got, want := m.Hide("ann:pass-word, pass-word, abc", false), "[secret], [secret], abc"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// A text that was cut within a secret shows nothing of it, and nothing is hidden without secrets.
func TestMask_Cut(t *testing.T) {
	m := request.NewMask([]string{token})
	whole := strings.Repeat("x", 200) + token
	for n := range len(token) {
		if got := m.Hide(whole[:len(whole)-n], true); strings.Trim(got, "x") != "" {
			t.Errorf("got ...%s, want no part of the secret", strings.TrimLeft(got, "x"))
		}
	}
	if got := request.NewMask(nil).Hide("text", true); got != "text" {
		t.Errorf("got %q, want text", got)
	}
}
