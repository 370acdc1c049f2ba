package twilio_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/quintet-agents/quintet/tests/twilio"
)

const (
	content = "HX00000000000000000000000000000001"
	service = "MG00000000000000000000000000000001"
)

var account = twilio.Account{
	SID: "AC00000000000000000000000000000001", Token: "a-token", Contents: []string{content},
	Senders: []twilio.Sender{
		{From: "+15551234567", WebhookURL: "https://a.example"},
		{From: "whatsapp:+15551234567"},
		{From: "12345"},
		{From: service},
		{From: "+15557654321", NoSMS: true},
	},
}

func post(t *testing.T, s *twilio.Server, path, user, password, contentType, body string) (status, code int) {
	t.Helper()
	req, err := http.NewRequest(http.MethodPost, s.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.SetBasicAuth(user, password)
	req.Header.Set("Content-Type", contentType)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var answer struct {
		Code   int    `json:"code"`
		SID    string `json:"sid"`
		Status int    `json:"-"`
	}
	if err := json.NewDecoder(res.Body).Decode(&answer); err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, answer.Code
}

// Each message that Twilio documents is taken, and any other is refused with Twilio's code.
func TestSend(t *testing.T) {
	const form = "application/x-www-form-urlencoded"
	path := "/2010-04-01/Accounts/" + account.SID + "/Messages.json"
	for name, c := range map[string]struct {
		form url.Values
		code int // 0: it is taken
	}{
		"SMS":                       {url.Values{"To": {"+15550001111"}, "From": {"+15551234567"}, "Body": {"x"}}, 0},
		"a service":                 {url.Values{"To": {"+15550001111"}, "MessagingServiceSid": {service}, "Body": {"x"}}, 0},
		"a template":                {url.Values{"To": {"whatsapp:US.1"}, "From": {"whatsapp:+15551234567"}, "ContentSid": {content}, "ContentVariables": {`{"1":"a"}`}}, 0},
		"a callback":                {url.Values{"To": {"+15550001111"}, "From": {"12345"}, "Body": {"x"}, "StatusCallback": {"https://a.example/?ref=1"}}, 0},
		"no recipient":              {url.Values{"From": {"+15551234567"}, "Body": {"x"}}, 21604},
		"an odd recipient":          {url.Values{"To": {"15550001111"}, "From": {"+15551234567"}, "Body": {"x"}}, 21211},
		"a user id by SMS":          {url.Values{"To": {"US.1"}, "From": {"+15551234567"}, "Body": {"x"}}, 21211},
		"itself":                    {url.Values{"To": {"+15551234567"}, "From": {"+15551234567"}, "Body": {"x"}}, 21266},
		"no sender":                 {url.Values{"To": {"+15550001111"}, "Body": {"x"}}, 21603},
		"an unknown sender":         {url.Values{"To": {"+15550001111"}, "From": {"+15559999999"}, "Body": {"x"}}, 21606},
		"an unknown channel's":      {url.Values{"To": {"rcs:+15550001111"}, "From": {"rcs:x"}, "Body": {"x"}}, 63007},
		"a service as a number":     {url.Values{"To": {"+15550001111"}, "From": {service}, "Body": {"x"}}, 21606},
		"an unknown service":        {url.Values{"To": {"+15550001111"}, "MessagingServiceSid": {"MG0"}, "Body": {"x"}}, 21701},
		"another channel":           {url.Values{"To": {"+15550001111"}, "From": {"whatsapp:+15551234567"}, "Body": {"x"}}, 21910},
		"a number for calls":        {url.Values{"To": {"+15550001111"}, "From": {"+15557654321"}, "Body": {"x"}}, 21661},
		"no text":                   {url.Values{"To": {"+15550001111"}, "From": {"+15551234567"}}, 21602},
		"a long text":               {url.Values{"To": {"+15550001111"}, "From": {"+15551234567"}, "Body": {strings.Repeat("🌷", 801)}}, 21617},
		"a template with a text":    {url.Values{"To": {"whatsapp:US.1"}, "From": {"whatsapp:+15551234567"}, "ContentSid": {content}, "Body": {"x"}}, 20001},
		"an unknown template":       {url.Values{"To": {"whatsapp:US.1"}, "From": {"whatsapp:+15551234567"}, "ContentSid": {"HX1"}}, 21655},
		"variables alone":           {url.Values{"To": {"whatsapp:US.1"}, "From": {"whatsapp:+15551234567"}, "Body": {"x"}, "ContentVariables": {"{}"}}, 21654},
		"variables that are no map": {url.Values{"To": {"whatsapp:US.1"}, "From": {"whatsapp:+15551234567"}, "ContentSid": {content}, "ContentVariables": {"[]"}}, 21656},
		"a relative callback":       {url.Values{"To": {"+15550001111"}, "From": {"+15551234567"}, "Body": {"x"}, "StatusCallback": {"/x"}}, 21609},
		"an unknown parameter":      {url.Values{"To": {"+15550001111"}, "From": {"+15551234567"}, "Body": {"x"}, "Ref": {"r"}}, 20001},
		"a parameter twice":         {url.Values{"To": {"+15550001111"}, "From": {"+15551234567"}, "Body": {"x", "y"}}, 20001},
		"opted out":                 {url.Values{"To": {"+15550002222"}, "From": {"+15551234567"}, "Body": {"x"}}, 21610},
	} {
		s := twilio.Start(t, account)
		s.OptOut("+15550002222")
		status, code := post(t, s, path, account.SID, account.Token, form, c.form.Encode())
		if code != c.code || (status == http.StatusCreated) != (c.code == 0) || len(s.Accepted()) == 0 != (c.code != 0) {
			t.Errorf("%s: got %d, code %d, %d messages, want code %d", name, status, code, len(s.Accepted()), c.code)
		}
	}
	s := twilio.Start(t, account)
	for name, c := range map[string]struct {
		path, token, contentType string
		code                     int
	}{
		"a wrong token":   {path, "x", form, 20003},
		"another account": {"/2010-04-01/Accounts/AC2/Messages.json", account.Token, form, 20404},
		"JSON":            {path, account.Token, "application/json", 20415},
		"another path":    {path + "x", account.Token, form, 20404},
	} {
		if _, code := post(t, s, c.path, account.SID, c.token, c.contentType, "{}"); code != c.code {
			t.Errorf("%s: got code %d, want %d", name, code, c.code)
		}
	}
}

// A status callback is posted to the URL of its message, and a message without one has none.
func TestReport(t *testing.T) {
	var got url.Values
	var query string
	receiver := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm()
		got, query = r.PostForm, r.URL.RawQuery
	}))
	t.Cleanup(receiver.Close)
	s := twilio.Start(t, account)
	webhook, ok := s.Report(twilio.Accepted{SID: "SM1", Account: account.SID, From: "whatsapp:+15551234567", To: "whatsapp:+15550001111", StatusCallback: receiver.URL + "/?ref=1"}, "undelivered", 63016)
	if !ok {
		t.Fatal("got no callback")
	}
	res, err := webhook.Post(t.Context(), http.DefaultClient)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if query != "ref=1" || got.Get("MessageStatus") != "undelivered" || got.Get("ErrorCode") != "63016" || webhook.Header.Get("X-Twilio-Signature") == "" {
		t.Errorf("got %s with %v, want the status of the message", query, got)
	}
	if _, ok := s.Report(twilio.Accepted{SID: "SM1", Account: account.SID}, "sent", 0); ok {
		t.Error("got a callback for a message without one")
	}
}
