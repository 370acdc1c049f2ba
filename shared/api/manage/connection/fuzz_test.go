package connection

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/quintet-agents/quintet/shared/api/wire/body"
	"github.com/quintet-agents/quintet/shared/api/wire/wiretest"
	"github.com/quintet-agents/quintet/shared/connection"
)

// No body crashes a reader of connections, what one accepts is within the bounds.
func FuzzConnectionBodies(f *testing.F) {
	for _, seed := range []string{
		`{"type":"whatsapp","agent_id":"a","name":" n ","credentials":{"phone_number_id":"1","access_token":"a","app_secret":"b","verify_token":"c"},"settings":{"quiet_seconds":3,"fallback_template":{"name":"a","language":"en"}}}`,
		`{"type":"twilio","agent_id":"a","name":"n","credentials":{"account_sid":"AC00000000000000000000000000000000","auth_token":"t","from":"12345"},"settings":{"public_url":"https://a.example/x/","unsupported_text":null}}`,
		`{"type":"email","agent_id":"a","name":"n","credentials":{"provider":"postmark","address":"a@b.c","username":"u","password":"p"},"status":"disabled"}`,
		`{"credentials":{"access_token":"a","signing_key":"b"},"settings":{"fallback_template":null}}`, `[]`, "\xff",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		o, err := body.Read(httptest.NewRequest(http.MethodPost, "/", strings.NewReader(string(raw))))
		if err != nil {
			wiretest.WantShowable(t, err)
			return
		}
		if q, err := readNew(o); err != nil {
			wiretest.WantShowable(t, err)
		} else {
			wantSettings(t, q.connection.Settings)
			wiretest.WantText(t, q.connection.Name, 4*connection.MaxName)
			for name, secret := range q.secrets {
				if secret == "" || len(secret) > connection.MaxSecret || q.connection.Identifiers[name] != "" {
					t.Errorf("got %q accepted as %s, want an error", secret, name)
				}
			}
		}
		for _, c := range connection.Channels() {
			if p, err := readPatch(o, c); err != nil {
				wiretest.WantShowable(t, err)
			} else if p.Empty() {
				t.Error("got a change of nothing accepted, want an error")
			} else {
				wantSettings(t, p.Apply(connection.Connection{Settings: connection.DefaultSettings()}, time.Time{}).Settings)
			}
			for _, p := range connection.Providers() {
				of := connection.Connection{Channel: c, Identifiers: map[string]string{connection.ProviderField: string(p)}}
				if secrets, err := readRotation(o, of); err == errNoSecrets && c == connection.Email && p == connection.SES { //nolint:errorlint // the value itself
					continue
				} else if err != nil {
					wiretest.WantShowable(t, err)
				} else if len(secrets) == 0 {
					t.Error("got a rotation of nothing accepted, want an error")
				}
			}
		}
	})
}

func wantSettings(t *testing.T, s connection.Settings) {
	t.Helper()
	if s.QuietSeconds < 0 || s.QuietSeconds > connection.MaxQuietSeconds || utf8.RuneCountInString(s.UnsupportedText) > connection.MaxUnsupportedText ||
		s.UnsupportedText == "" || s.PublicURL != "" && !strings.HasPrefix(s.PublicURL, "https://") || strings.HasSuffix(s.PublicURL, "/") {
		t.Errorf("got settings %+v accepted, want an error", s)
	}
}

// No path crashes the reader of a connection's id.
func FuzzConnectionID(f *testing.F) {
	wiretest.FuzzPathID(f, "id", connectionID)
}
