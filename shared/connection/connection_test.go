package connection_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/quintet-agents/quintet/shared/connection"
)

func TestSecrets_ShownNowhere(t *testing.T) {
	s := connection.Secrets{"access_token": "EAAG-token"}
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "secrets", s, "in", struct{ S connection.Secrets }{s})
	text, err := json.Marshal(struct{ S connection.Secrets }{s})
	if err != nil {
		t.Fatal(err)
	}
	for _, shown := range []string{fmt.Sprint(s), fmt.Sprintf("%+v %#v", s, s), fmt.Sprintf("%v", struct{ S connection.Secrets }{s}), string(text), log.String()} {
		if strings.Contains(shown, "EAAG") || !strings.Contains(shown, "[secret]") {
			t.Errorf("got %s, want [secret]", shown)
		}
	}
}

func TestStatus(t *testing.T) {
	now := time.Now()
	c := connection.Connection{}
	if got := c.Status(); got != connection.Active {
		t.Errorf("new: got %s", got)
	}
	c = c.Report(connection.Problem{Code: "190", Since: now})
	if got := c.Status(); got != connection.NeedsAttention {
		t.Errorf("reported: got %s", got)
	}
	if got := c.Rotate(now).Status(); got != connection.Active {
		t.Errorf("rotated: got %s", got)
	}
	c = c.Disable(connection.AgentDeleted, now).Disable(connection.ByOwner, now)
	if got := c.Status(); got != connection.Disabled || c.Reason != connection.AgentDeleted {
		t.Errorf("disabled: got %s, %s", got, c.Reason)
	}
	if c = (connection.Patch{Disabled: new(false)}).Apply(c, now); c.Status() != connection.Active || c.Reason != "" {
		t.Errorf("enabled: got %s, %q", c.Status(), c.Reason)
	}
}

func TestFields(t *testing.T) {
	for field, values := range map[string]struct{ good, bad []string }{
		"whatsapp//phone_number_id": {[]string{"106540352242922"}, []string{"", "12a", strings.Repeat("1", 33)}},
		"whatsapp//app_secret":      {[]string{"a", strings.Repeat("x", connection.MaxSecret)}, []string{"", " a", "a\n", "é", strings.Repeat("x", connection.MaxSecret+1)}},
		"twilio//account_sid":       {[]string{"AC" + strings.Repeat("0a", 16)}, []string{"AC", "SK" + strings.Repeat("0a", 16)}},
		"twilio//from":              {[]string{"+15551234567", "whatsapp:+15551234567", "12345", "rcs:shop_agent", "MG" + strings.Repeat("0a", 16)}, []string{"", "15551234567a", "sms:+15551234567", "+0555", "rcs:", "MG0a"}},
		"email/ses/topic_arn":       {[]string{"arn:aws:sns:us-east-1:123456789012:mail"}, []string{"arn:aws:sqs:us-east-1:123456789012:mail", "mail"}},
		"email/mailgun/address":     {[]string{"help@example.com"}, []string{"Help <help@example.com>", "help", "", strings.Repeat("a", 250) + "@b.co"}},
	} {
		at := strings.Split(field, "/")
		for _, f := range connection.Fields(connection.Channel(at[0]), connection.Provider(at[1])) {
			if f.Name != at[2] {
				continue
			}
			for _, v := range values.good {
				if !f.Valid(v) {
					t.Errorf("%s: refused %q", field, v)
				}
			}
			for _, v := range values.bad {
				if f.Valid(v) {
					t.Errorf("%s: accepted %q", field, v)
				}
			}
			values.good = nil
		}
		if values.good != nil {
			t.Errorf("%s: there is no such field", field)
		}
	}
}

// Only secrets are optional: an identifier could not be added later.
func TestFields_Optional(t *testing.T) {
	var got []string
	for _, c := range connection.Channels() {
		for _, p := range append(connection.Providers(), "") {
			for _, f := range connection.Fields(c, p) {
				if f.Optional && !f.Secret {
					t.Errorf("%s: got an optional identifier %s, want a secret", c, f.Name)
				}
				if f.Optional && p == "" {
					got = append(got, f.Name)
				}
			}
		}
	}
	if d := cmp.Diff([]string{"secondary_auth_token", "signing_key_id", "signing_key"}, got); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
}

func TestCleanPublicURL(t *testing.T) {
	for given, want := range map[string]string{
		"https://api.example.com": "https://api.example.com", "https://a.example:8443/live/": "https://a.example:8443/live",
		"http://a.example": "", "https://u:p@a.example": "", "https://a.example?x": "", "https://a.example/#": "", "https://": "", "a.example": "",
		"https://a.example/" + strings.Repeat("x", 500): "", "https://a.example/ x": "", "https://[::1]/": "",
	} {
		if got, err := connection.CleanPublicURL("settings.public_url", given); got != want || (err == nil) != (want != "") {
			t.Errorf("%s: got %q, %v, want %q", given, got, err, want)
		}
	}
}

// The guide says first that a deployment cannot be reached, and last how to check what was done.
func TestGuide(t *testing.T) {
	for name, c := range map[string]struct {
		url, first string
	}{
		"public":   {"https://api.example.com/api/webhooks/email/c", "At https://account.postmarkapp.com"},
		"loopback": {"http://127.0.0.1:3000/api/webhooks/email/c", "No provider reaches http://127.0.0.1:3000/"},
	} {
		t.Run(name, func(t *testing.T) {
			of := connection.Connection{ID: "c", Channel: connection.Email, Identifiers: map[string]string{
				connection.ProviderField: string(connection.Postmark), "address": "help@shop.example",
			}}
			steps := of.Guide(c.url)
			if got := steps[0]; !strings.HasPrefix(got, c.first) {
				t.Errorf("got the first step %q, want %q", got, c.first)
			}
			if got := steps[len(steps)-1]; !strings.Contains(got, "/api/v1/connections/c/verify") {
				t.Errorf("got the last step %q, want the verification", got)
			}
			scheme, rest, _ := strings.Cut(c.url, "://")
			if want := scheme + "://username:password@" + rest; !strings.Contains(strings.Join(steps, "\n"), want) {
				t.Errorf("got %q, want %q in it", steps, want)
			}
		})
	}
}
