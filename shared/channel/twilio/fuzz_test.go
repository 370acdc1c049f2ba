package twilio_test

import (
	"net/http"
	"net/url"
	"testing"
	"unicode/utf8"

	"github.com/quintet-agents/quintet/shared/channel/twilio"
)

// Any body is refused or becomes one update with exactly one content, in valid UTF-8.
func FuzzParse(f *testing.F) {
	for _, json := range []bool{false, true} {
		f.Add(json, "r", []byte(account.Message(1, "whatsapp:+15550001111", "+15551234567", "hi").Encode()))
		f.Add(json, "", []byte("MessageSid=SM1&MessageStatus=undelivered&ErrorCode=63016&To=whatsapp%3AUS.1"))
		f.Add(json, "", []byte(`{"MessageSid":"SM1","From":"+1","NumMedia":2,"MediaUrl0":"https://api.twilio.com/x","Latitude":1.5,"Longitude":true,"x":{"y":[]}}`))
		f.Add(json, "", []byte("MessageSid=SM1&From=+1&NumMedia=99999999999999999999&Body=%ff%00"))
	}
	f.Fuzz(func(t *testing.T, json bool, ref string, body []byte) {
		contentType := ""
		if json {
			contentType = "application/json"
		}
		got, err := twilio.Parse(shop, contentType, url.Values{"ref": {ref}}, body)
		if err != nil {
			if len(got) != 0 {
				t.Errorf("got %+v beside %v, want nothing", got, err)
			}
			return
		}
		if len(got) != 1 {
			t.Fatalf("got %d updates, want one", len(got))
		}
		u, contents := got[0], 0
		for _, has := range []bool{u.Message != nil, u.Status != nil, u.Ignored != ""} {
			if has {
				contents++
			}
		}
		if contents != 1 {
			t.Fatalf("got %d contents, want one: %+v", contents, u)
		}
		if m := u.Message; m != nil && (m.ID == "" || m.From.Address == "" && m.From.UserID == "" || m.Handling == "" || m.Type == "" || !utf8.ValidString(m.Text) || len(m.Media) > 20) {
			t.Errorf("got a message without its parts: %+v", m)
		}
		if s := u.Status; s != nil && (s.State == "" || s.Failure != nil && s.Failure.Message == "") {
			t.Errorf("got a status without its parts: %+v", s)
		}
	})
}

// Whatever is sent without the keys is refused, and never a panic.
func FuzzVerifySignature(f *testing.F) {
	valid := account.Sign(hook, url.Values{"Body": {"hi"}})
	f.Add(hook, "application/json", "x", "key=a,algorithm=HMAC_SHA256", []byte("{}"))
	f.Add(hook+"?bodySHA256=", "", valid.Header.Get("X-Twilio-Signature"), "", valid.Body)
	f.Add("://[:", "application/x-www-form-urlencoded", "AAAA", ",,=", []byte("%"))
	f.Fuzz(func(t *testing.T, address, contentType, signature, settings string, body []byte) {
		if address == hook && signature == valid.Header.Get("X-Twilio-Signature") {
			return
		}
		header := http.Header{
			"Content-Type": {contentType}, "X-Twilio-Signature": {signature},
			"X-Twilio-Webhooks-Signature-Settings": {settings},
		}
		if twilio.VerifySignature(secrets, address, header, body) == nil {
			t.Errorf("got %q accepted, want it refused", signature)
		}
	})
}
