package meta_test

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"testing"

	"github.com/quintet-agents/quintet/shared/channel"
	"github.com/quintet-agents/quintet/shared/channel/meta"
	"github.com/quintet-agents/quintet/shared/connection"
)

// answers gives each request the same answer.
type answers struct {
	status int
	body   []byte
}

func (a answers) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{
		StatusCode: a.status, Body: io.NopCloser(bytes.NewReader(a.body)), ContentLength: -1, Request: r,
		Header: http.Header{"Location": {"/" + string(a.body[:min(len(a.body), 10)])}},
	}, nil
}

// No answer crashes a request, and each failure is a *channel.SendError with a text.
func FuzzAnswers(f *testing.F) {
	for _, seed := range []string{
		`{"messages":[{"id":"wamid.1"}],"contacts":[{"user_id":"US.1"}]}`, `{"recipient_id":"1","message_id":"m"}`,
		`{"id":"1","instagram_business_account":{"id":"7"}}`, `{"data":{"is_valid":true,"app_id":"1","expires_at":-1,"scopes":[""],"profile_id":"7"}}`,
		`{"data":[{"object":"page","active":true,"callback_url":"","fields":[{"name":"messages"}],"id":"1","subscribed_fields":["feed"]}]}`,
		`{"data":{"is_valid":true,"app_id":"1"},"id":"7","user_id":7,"username":"x","status":"BANNED","quality_rating":"RED","health_status":{"entities":[{"entity_type":"WABA","id":"../7","can_send_message":"BLOCKED","errors":[{"error_code":1}]}]}}`,
		`{"url":"https://lookaside.fbsbx.com/a","file_size":"x","sha256":"","mime_type":";"}`, `{"error":{"code":100}}`, `null`, ``, "\xff",
	} {
		f.Add(http.StatusOK, []byte(seed))
		f.Add(http.StatusFound, []byte(seed))
	}
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		c := meta.NewClient(&http.Client{Transport: answers{status, body}}, meta.DefaultURL, meta.DefaultVersion)
		c.Describe(t.Context(), sender, channel.Template{Name: "x", Language: "en"})
		for _, to := range []struct {
			provider channel.Provider
			account  channel.Account
		}{
			{meta.WhatsApp{Client: c}, account(connection.WhatsApp, "phone_number_id", "7", token)},
			{meta.Messenger{Client: c}, account(connection.Messenger, "page_id", "7", token)},
			{meta.Instagram{Client: c}, account(connection.Instagram, "account_id", "7", token)},
			{meta.Instagram{Client: c}, account(connection.Instagram, "account_id", "7", instToken)},
		} {
			receipt, err := to.provider.Send(t.Context(), to.account, channel.Outgoing{To: channel.Person{Address: "1"}, Text: "x"})
			if check(t, err); err == nil && receipt.MessageID == "" {
				t.Error("got a receipt without an id")
			}
			check(t, to.provider.Typing(t.Context(), to.account, channel.Inbound{ID: "m", From: channel.Person{Address: "1"}}))
			data, _, err := to.provider.Fetch(t.Context(), to.account, channel.Media{ID: "7", URL: "https://lookaside.fbsbx.com/a"}, 100)
			if check(t, err); len(data) > 100 {
				t.Errorf("got %d bytes, want at most 100", len(data))
			}
			problems, err := to.provider.Verify(t.Context(), to.account, webhookURL)
			check(t, err)
			for _, p := range problems {
				if p.Code == "" || p.Message == "" || p.Action == "" {
					t.Errorf("got %+v, want a code, a text and an action", p)
				}
			}
		}
	})
}

// check fails the test for an error that is not a *channel.SendError with a text.
func check(t *testing.T, err error) {
	t.Helper()
	if f, ok := errors.AsType[*channel.SendError](err); err != nil && (!ok || f.Message == "") {
		t.Errorf("got %v, want a *channel.SendError with a text", err)
	}
}
