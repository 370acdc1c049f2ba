package peers_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/quintet-agents/quintet/shared/channel/twilio"
	"github.com/quintet-agents/quintet/shared/connection"
	fake "github.com/quintet-agents/quintet/tests/twilio"
)

// signed is a webhook of the fake's for the libraries.
type signed struct {
	Name      string `json:"name"`
	URL       string `json:"url"`
	Key       string `json:"key"`
	Settings  string `json:"settings"`
	Signature string `json:"signature"`
	JSON      bool   `json:"json"`
	Body      []byte `json:"body"`

	webhook fake.Webhook
}

// Twilio's libraries of two languages accept the webhooks of the fake, and we accept those that
// the libraries sign. A webhook with any bit flipped is refused, unless it still has the same
// fields.
func TestTwilio_Signatures(t *testing.T) {
	account := fake.Account{SID: "AC00000000000000000000000000000001", Token: "the-auth-token-0000000000000000"}
	key := fake.SharedKey{ID: "webhooks_sharedkey_1", Secret: "the-shared-key"}
	secrets := connection.Secrets{"auth_token": account.Token, "signing_key_id": key.ID, "signing_key": key.Secret}
	const hook = "https://chat.example.com/prod/api/webhooks/twilio/01930000-0000-7000-8000-000000000000"
	text := account.Message(1, "whatsapp:+15550001111", "whatsapp:+15551234567", "grüße & co = 100 % 👩‍👩‍👧 \n'\"~*+;,/?:@")
	several := url.Values{"MessageSid": {"SM1"}, "Body": {""}, "Twice": {"b", "a", "b", "", "é"}, "a": {"1"}, "Z": {"2"}, "_": {"3"}}
	all := []signed{
		{Name: "a text", Key: account.Token, webhook: account.Sign(hook, text)},
		{Name: "a status callback", Key: account.Token, webhook: account.Sign(hook+"?ref=01930000-0000-7000-8000-000000000001", text)},
		{Name: "a URL with a port", Key: account.Token, webhook: account.Sign("https://chat.example.com:8443/x?ref=r", text)},
		{Name: "several and blank values", Key: account.Token, webhook: account.Sign(hook, several)},
		{Name: "JSON", Key: account.Token, JSON: true, webhook: account.SignJSON(hook+"?ref=r", text)},
		{Name: "a shared key", Key: key.Secret, webhook: key.Sign(hook, text)},
	}
	for i := range all {
		w := all[i].webhook
		all[i].URL, all[i].Body = w.URL, w.Body
		all[i].Signature, all[i].Settings = w.Header.Get("X-Twilio-Signature"), w.Header.Get("X-Twilio-Webhooks-Signature-Settings")
	}
	file := writeJSON(t, "webhooks.json", all)
	for _, path := range programs(t, "signers") {
		t.Run(filepath.Base(path), func(t *testing.T) {
			output := filepath.Join(t.TempDir(), "signatures.json")
			run(t, nil, path, file, output)
			text, err := os.ReadFile(output)
			var signatures []string
			if err != nil || json.Unmarshal(text, &signatures) != nil || len(signatures) != len(all) {
				t.Fatalf("got %s, %v, want %d signatures", text, err, len(all))
			}
			for i, s := range all {
				w := s.webhook
				w.Header = w.Header.Clone()
				w.Header.Set("X-Twilio-Signature", signatures[i])
				t.Run("signs "+s.Name, func(t *testing.T) { acceptOnly(t, secrets, w, s.JSON) })
			}
		})
	}
}

// acceptOnly checks that a webhook is accepted, and refused with any bit flipped.
func acceptOnly(t *testing.T, secrets connection.Secrets, w fake.Webhook, isJSON bool) {
	t.Helper()
	accepted := func(address string, h http.Header, body []byte) bool {
		return twilio.VerifySignature(secrets, address, h, body) == nil
	}
	if !accepted(w.URL, w.Header, w.Body) {
		t.Fatalf("got the signature %s refused, want it accepted", w.Header.Get("X-Twilio-Signature"))
	}
	fields, err := url.ParseQuery(string(w.Body))
	if err != nil && !isJSON {
		t.Fatal(err)
	}
	for bit := range 8 * len(w.Body) {
		body := flip(w.Body, bit)
		if !accepted(w.URL, w.Header, body) {
			continue
		}
		if got, err := url.ParseQuery(string(body)); isJSON || err != nil || !cmp.Equal(fields, got) {
			t.Errorf("got a body accepted with bit %d flipped, want it refused: %q", bit, body)
		}
	}
	for bit := range 8 * len(w.URL) {
		if address := string(flip([]byte(w.URL), bit)); accepted(address, w.Header, w.Body) {
			t.Errorf("got %q accepted, want it refused", address)
		}
	}
	for _, name := range []string{"X-Twilio-Signature", "X-Twilio-Webhooks-Signature-Settings"} {
		for bit := range 8 * len(w.Header.Get(name)) {
			h := w.Header.Clone()
			h.Set(name, string(flip([]byte(h.Get(name)), bit)))
			if accepted(w.URL, h, w.Body) {
				t.Errorf("got the %s %q accepted, want it refused", name, h.Get(name))
			}
		}
	}
}
