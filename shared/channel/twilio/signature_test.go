package twilio_test

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/quintet-agents/quintet/shared/channel/twilio"
	"github.com/quintet-agents/quintet/shared/connection"
	fake "github.com/quintet-agents/quintet/tests/twilio"
)

const hook = "https://chat.example.com/prod/api/webhooks/twilio/01930000-0000-7000-8000-000000000000"

var (
	account = fake.Account{SID: "AC00000000000000000000000000000001", Token: "a-token-of-32-characters-00000000"}
	secrets = connection.Secrets{
		"auth_token": account.Token, "secondary_auth_token": "the-next-token-0000000000000000",
		"signing_key_id": "webhooks_sharedkey_1", "signing_key": "a-shared-key",
	}
	key = fake.SharedKey{ID: "webhooks_sharedkey_1", Secret: "a-shared-key"}
)

func verify(s connection.Secrets, w fake.Webhook) error {
	return twilio.VerifySignature(s, w.URL, w.Header, w.Body)
}

// The examples of Twilio's page "Webhooks Security" and of its libraries.
func TestVerifySignature_Published(t *testing.T) {
	const address = "https://mycompany.com/myapp.php?foo=1&bar=2"
	form := url.Values{"CallSid": {"CA1234567890ABCDE"}, "Caller": {"+14158675309"}, "Digits": {"1234"}, "From": {"+14158675309"}, "To": {"+18005551212"}}
	for name, w := range map[string]fake.Webhook{
		"form": {URL: address, Header: http.Header{"X-Twilio-Signature": {"RSOYDt4T1cUTdK1PDd93/VVr8B8="}}, Body: []byte(form.Encode())},
		"JSON": {
			URL:    address + "&bodySHA256=0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620",
			Header: http.Header{"X-Twilio-Signature": {"a9nBmqA0ju/hNViExpshrM61xv4="}, "Content-Type": {"application/json"}},
			Body:   []byte(`{"property": "value", "boolean": true}`),
		},
	} {
		if err := verify(connection.Secrets{"auth_token": "12345"}, w); err != nil {
			t.Errorf("%s: got %v, want nil", name, err)
		}
	}
}

func TestVerifySignature(t *testing.T) {
	fields := account.Message(1, "whatsapp:+15550001111", "whatsapp:+15551234567", "grüße & co = 100 % 👩‍👩‍👧")
	fields["Twice"] = []string{"b", "a", "b", ""}
	fields.Set("Blank", "")
	fields.Set("New[0].Field_1-x", "1")
	secondary, without := account, connection.Secrets{"auth_token": account.Token}
	secondary.Token = secrets["secondary_auth_token"]
	query, port := hook+"?ref=a%20b%2Fc", strings.Replace(hook, ".com/", ".com:443/", 1)
	moved := func(w fake.Webhook, address string) fake.Webhook {
		w.URL = address
		return w
	}
	header := func(w fake.Webhook, name string, values ...string) fake.Webhook {
		w.Header = w.Header.Clone()
		w.Header[name] = values
		return w
	}
	const settings = "X-Twilio-Webhooks-Signature-Settings"
	withHash := account.SignJSON(query, fields)
	_, hash, _ := strings.Cut(withHash.URL, "&")
	for name, c := range map[string]struct {
		secrets connection.Secrets
		webhook fake.Webhook
		want    error
	}{
		"a form":                         {secrets, account.Sign(hook, fields), nil},
		"with a query":                   {secrets, account.Sign(query, fields), nil},
		"signed with the port":           {secrets, moved(account.Sign(port, fields), hook), nil},
		"signed without the port":        {secrets, moved(account.Sign(hook, fields), port), nil},
		"the secondary token":            {secrets, secondary.Sign(hook, fields), nil},
		"JSON":                           {secrets, account.SignJSON(hook, fields), nil},
		"JSON with a query":              {secrets, withHash, nil},
		"JSON with its query reordered":  {secrets, moved(withHash, hook+"?"+hash+"&ref=a%20b%2Fc"), nil},
		"no fields":                      {secrets, account.Sign(hook, url.Values{}), nil},
		"a shared key":                   {secrets, key.Sign(hook, fields), nil},
		"a shared key in another order":  {secrets, header(key.Sign(hook, fields), settings, "algorithm=HMAC_SHA256, key="+key.ID), nil},
		"empty settings":                 {secrets, header(account.Sign(hook, fields), settings, ""), nil},
		"no signature":                   {secrets, header(account.Sign(hook, fields), "X-Twilio-Signature"), twilio.ErrUnsigned},
		"an empty signature":             {secrets, header(account.Sign(hook, fields), "X-Twilio-Signature", ""), twilio.ErrUnsigned},
		"two signatures":                 {secrets, header(account.Sign(hook, fields), "X-Twilio-Signature", account.Sign(hook, fields).Header.Get("X-Twilio-Signature"), "x"), twilio.ErrSignature},
		"another URL":                    {secrets, moved(account.Sign(hook, fields), hook+"1"), twilio.ErrSignature},
		"another query":                  {secrets, moved(account.Sign(query, fields), query+"d"), twilio.ErrSignature},
		"another scheme":                 {secrets, moved(account.Sign(hook, fields), strings.Replace(hook, "https", "http", 1)), twilio.ErrSignature},
		"signed with another port":       {secrets, moved(account.Sign(strings.Replace(hook, ".com/", ".com:444/", 1), fields), hook), twilio.ErrSignature},
		"the secondary token, not given": {without, secondary.Sign(hook, fields), twilio.ErrSignature},
		"no token":                       {connection.Secrets{}, fake.Account{}.Sign(hook, fields), twilio.ErrUnknownKey},
		"a shared key, none given":       {without, key.Sign(hook, fields), twilio.ErrUnknownKey},
		"a shared key without its id":    {connection.Secrets{"auth_token": account.Token, "signing_key": key.Secret}, key.Sign(hook, fields), twilio.ErrUnknownKey},
		"another shared key":             {secrets, fake.SharedKey{ID: "other", Secret: key.Secret}.Sign(hook, fields), twilio.ErrUnknownKey},
		"settings without a key":         {secrets, header(key.Sign(hook, fields), settings, "algorithm=HMAC_SHA256"), twilio.ErrUnknownKey},
		"settings with two keys":         {secrets, header(key.Sign(hook, fields), settings, "key="+key.ID+",key=x,algorithm=HMAC_SHA256"), twilio.ErrUnknownKey},
		"an unknown algorithm":           {secrets, header(key.Sign(hook, fields), settings, "key="+key.ID+",algorithm=HMAC_SHA512"), twilio.ErrAlgorithm},
		"no algorithm":                   {secrets, header(key.Sign(hook, fields), settings, "key="+key.ID), twilio.ErrAlgorithm},
		"the token as a shared key":      {secrets, header(account.Sign(hook, fields), settings, "key="+key.ID+",algorithm=HMAC_SHA1"), twilio.ErrSignature},
		"a shared key as the token":      {secrets, header(key.Sign(hook, fields), settings), twilio.ErrSignature},
		"JSON without its hash":          {secrets, header(account.Sign(hook, url.Values{}), "Content-Type", "application/json"), twilio.ErrSignature},
		"JSON with two hashes":           {secrets, moved(withHash, withHash.URL+"&"+hash), twilio.ErrSignature},
		"JSON as an empty form":          {secrets, fake.Webhook{URL: withHash.URL, Header: header(withHash, "Content-Type").Header}, twilio.ErrSignature},
		"too large":                      {secrets, account.Sign(hook, url.Values{"Body": {strings.Repeat("x", 1<<20)}}), twilio.ErrSignature},
		"a field without an equals sign": {secrets, fake.Webhook{URL: hook, Header: account.Sign(hook, url.Values{"A": {""}}).Header, Body: []byte("A")}, twilio.ErrSignature},
		"a value as a name":              {secrets, fake.Webhook{URL: hook, Header: account.Sign(hook, url.Values{"To": {"+1555"}}).Header, Body: []byte("To=&%2B1555=")}, twilio.ErrSignature},
	} {
		if got := verify(c.secrets, c.webhook); !errors.Is(got, c.want) {
			t.Errorf("%s: got %v, want %v", name, got, c.want)
		}
	}
}

// A request with any byte changed is refused, unless it has the same fields: hexadecimal
// digits of an escape may be small or capital letters.
func TestVerifySignature_AlteredByte(t *testing.T) {
	fields := account.Message(1, "whatsapp:+15550001111", "whatsapp:+15551234567", "né*~ =&")
	for name, w := range map[string]fake.Webhook{"form": account.Sign(hook+"?ref=x", fields), "shared key": key.Sign(hook+"?ref=x", fields), "JSON": account.SignJSON(hook+"?ref=x", fields)} {
		signature := w.Header.Get("X-Twilio-Signature")
		check := func(what string, at int, changed fake.Webhook) {
			if verify(secrets, changed) != nil {
				return
			}
			got, err := url.ParseQuery(string(changed.Body))
			if what != "body" || name == "JSON" || err != nil || !cmp.Equal(fields, got) {
				t.Errorf("%s: got a request accepted with byte %d of its %s changed: %s", name, at, what, changed.Body)
			}
		}
		for value := range 256 {
			b := byte(value)
			for i := range w.Body {
				if w.Body[i] != b {
					changed := w
					changed.Body = slices.Clone(w.Body)
					changed.Body[i] = b
					check("body", i, changed)
				}
			}
			for i := range len(w.URL) {
				if w.URL[i] != b {
					changed := w
					changed.URL = w.URL[:i] + string([]byte{b}) + w.URL[i+1:]
					check("URL", i, changed)
				}
			}
			for i := range len(signature) {
				if signature[i] != b {
					changed := w
					changed.Header = w.Header.Clone()
					changed.Header.Set("X-Twilio-Signature", signature[:i]+string([]byte{b})+signature[i+1:])
					check("signature", i, changed)
				}
			}
		}
	}
}
