package connection

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/quintet-agents/quintet/shared/api/wire/body"
	"github.com/quintet-agents/quintet/shared/api/wire/wiretest"
	"github.com/quintet-agents/quintet/shared/connection"
)

const (
	secretRule = "must be a string of 1 to 2000 visible ASCII characters"
	metaFields = "allowed: credentials.access_token, credentials.app_secret, credentials.verify_token"
)

func TestReadNew_Refusals(t *testing.T) {
	begin := func(kind string) string { return `{"type":"` + kind + `","agent_id":"a","name":"n","credentials":` }
	meta := begin("whatsapp") + `{"phone_number_id":"1","access_token":"a","app_secret":"b","verify_token":"c"}`
	wiretest.WantRefusals(t, func(o body.Object) error { _, err := readNew(o); return err }, map[string]string{
		`{}`:                                    "type is required and must be whatsapp, instagram, messenger, twilio or email",
		`{"type":1}`:                            "type must be whatsapp, instagram, messenger, twilio or email, not a number",
		`{"type":"email"}`:                      "agent_id is required and must be the id or slug of an agent",
		`{"type":"email","agent_id":"a"}`:       "name is required and must be a string of 1 to 100 characters",
		begin("email") + `[]}`:                  "credentials must be an object, not a list",
		begin("email") + `null}`:                "credentials must be an object, not null",
		begin("email") + `{}}`:                  "credentials.provider is required and must be sendgrid, mailgun, postmark or ses",
		begin("email") + `{"provider":"smtp"}}`: "credentials.provider must be sendgrid, mailgun, postmark or ses",
		begin("email") + `{"provider":"ses","address":"a@b.c","topic":"x"}}`: `credentials.topic_arn is required and must be the ARN of an Amazon SNS topic; ` +
			`unknown field "credentials.topic"; allowed: credentials.address, credentials.topic_arn, credentials.provider`,
		begin("email") + `{"provider":"ses","address":"A <a@b.c>"}}`: "credentials.address must be a mail address without a name",
		begin("twilio") + `{"account_sid":"AC"}}`:                    "credentials.account_sid must be AC and 32 hexadecimal digits",
		begin("messenger") + `{"page_id":"1","access_token":" "}}`:   "credentials.access_token " + secretRule,
		begin("messenger") + `{"page_id":"1","access_token":1}}`:     "credentials.access_token " + secretRule + ", not a number",
		meta + `,"settings":[]}`:                                     "settings must be an object, not a list",
		meta + `,"settings":{"quiet":1}}`: `Unknown field "settings.quiet"; allowed: settings.quiet_seconds, settings.unsupported_text, ` +
			`settings.fallback_template, settings.public_url`,
		meta + `,"settings":{"quiet_seconds":1.5}}`:                                    "settings.quiet_seconds must be a whole number from 0 to 30",
		meta + `,"settings":{"unsupported_text":"` + strings.Repeat("x", 1001) + `"}}`: "settings.unsupported_text must be a string of 1 to 1000 characters",
		meta + `,"settings":{"fallback_template":{"name":"a b","language":"en"}}}`:     "settings.fallback_template.name must be 1 to 512 small letters, digits and underscores",
		meta + `,"settings":{"fallback_template":{"name":"a"}}}`:                       "settings.fallback_template.language is required and must be a language code such as en or en_US",
	})
}

func TestReadPatch_Refusals(t *testing.T) {
	wiretest.WantRefusals(t, func(o body.Object) error { _, err := readPatch(o, connection.Email); return err }, map[string]string{
		`{}`:                           "At least one of name, agent_id, settings and status is required",
		`{"type":"sms"}`:               `Unknown field "type"; allowed: name, agent_id, settings, status`,
		`{"status":"needs_attention"}`: "status must be active or disabled",
		`{"name":"  "}`:                "name must be a string of 1 to 100 characters",
		`{"settings":{"fallback_template":{"name":"a","language":"en"}}}`: "settings.fallback_template must be left out: only whatsapp and twilio have templates",
	})
}

func TestReadRotation_Refusals(t *testing.T) {
	c := connection.Connection{Channel: connection.Messenger}
	wiretest.WantRefusals(t, func(o body.Object) error { _, err := readRotation(o, c); return err }, map[string]string{
		`{}`:                                     "credentials is required and must be an object",
		`{"credentials":{}}`:                     "At least one of credentials.access_token, credentials.app_secret and credentials.verify_token is required",
		`{"credentials":{"token":"a"}}`:          `Unknown field "credentials.token"; ` + metaFields,
		`{"credentials":{"page_id":"1"}}`:        "credentials.page_id must be left out: another account needs another connection",
		`{"credentials":{"access_token":"a b"}}`: "credentials.access_token " + secretRule,
	})
}

// A rotation of some secrets takes these and no others.
func TestReadRotation(t *testing.T) {
	fields, err := body.Read(httptest.NewRequest(http.MethodPost, "/", strings.NewReader(`{"credentials":{"app_secret":"b","access_token":null}}`)))
	if err != nil {
		t.Fatal(err)
	}
	got, err := readRotation(fields, connection.Connection{Channel: connection.WhatsApp})
	if err != nil || len(got) != 1 || got["app_secret"] != "b" {
		t.Errorf("got %d secrets, %v; want only app_secret", len(got), err)
	}
}
