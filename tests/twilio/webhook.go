package twilio

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // Twilio's scheme
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// Webhook is a signed request of Twilio's.
type Webhook struct {
	URL    string
	Header http.Header
	Body   []byte
}

// Post sends the webhook.
func (h Webhook) Post(ctx context.Context, client *http.Client) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, h.URL, bytes.NewReader(h.Body))
	if err != nil {
		return nil, err
	}
	req.Header = h.Header.Clone()
	return client.Do(req)
}

// SharedKey is a key that signs in place of the auth token.
type SharedKey struct{ ID, Secret string }

// Sign makes a webhook with the given fields as a form, signed with the account's token.
func (a Account) Sign(webhookURL string, fields url.Values) Webhook {
	return Webhook{webhookURL, header("application/x-www-form-urlencoded; charset=UTF-8", signature(sha1.New, a.Token, webhookURL, fields)), []byte(fields.Encode())}
}

// Sign makes a webhook with the given fields as a form, signed with the key.
func (k SharedKey) Sign(webhookURL string, fields url.Values) Webhook {
	h := header("application/x-www-form-urlencoded", signature(sha256.New, k.Secret, webhookURL, fields))
	h.Set("X-Twilio-Webhooks-Signature-Settings", "key="+k.ID+",algorithm=HMAC_SHA256")
	return Webhook{webhookURL, h, []byte(fields.Encode())}
}

// SignJSON makes a webhook with the given fields as JSON, signed with the account's token.
func (a Account) SignJSON(webhookURL string, fields url.Values) Webhook {
	flat := map[string]string{}
	for name := range fields {
		flat[name] = fields.Get(name)
	}
	body, _ := json.Marshal(flat)
	sum := sha256.Sum256(body)
	separator := "?"
	if strings.Contains(webhookURL, "?") {
		separator = "&"
	}
	webhookURL += separator + "bodySHA256=" + hex.EncodeToString(sum[:])
	return Webhook{webhookURL, header("application/json", signature(sha1.New, a.Token, webhookURL, nil)), body}
}

func header(contentType, signed string) http.Header {
	return http.Header{"Content-Type": {contentType}, "X-Twilio-Signature": {signed}, "I-Twilio-Idempotency-Token": {"8f5ea5f2-3a4c-4c1b-9b0c-0e5b2a7d1c11"}, "User-Agent": {"TwilioProxy/1.1"}}
}

func signature(algorithm func() hash.Hash, key, webhookURL string, fields url.Values) string {
	text := webhookURL
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		for _, value := range slices.Compact(slices.Sorted(slices.Values(fields[name]))) {
			text += name + value
		}
	}
	mac := hmac.New(algorithm, []byte(key))
	mac.Write([]byte(text))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// Message returns the fields of a webhook for a text that a person sent. n tells messages
// apart.
func (a Account) Message(n int, from, to, text string) url.Values {
	sid := fmt.Sprintf("SM%032x", n)
	fields := url.Values{
		"MessageSid": {sid}, "SmsSid": {sid}, "SmsMessageSid": {sid}, "AccountSid": {a.SID}, "ApiVersion": {"2010-04-01"},
		"From": {from}, "To": {to}, "Body": {text}, "NumMedia": {"0"}, "NumSegments": {"1"}, "SmsStatus": {"received"},
	}
	if number, ok := strings.CutPrefix(from, "whatsapp:"); ok {
		fields.Set("ProfileName", "Ann")
		fields.Set("MessageType", "text")
		fields.Set("WaId", strings.TrimPrefix(number, "+"))
		fields.Set("ChannelMetadata", `{"type":"whatsapp","data":{}}`)
	}
	return fields
}

// Report returns the signed status callback of an accepted message. A code of 0 is no error.
// It reports false if the message has no callback.
func (s *Server) Report(m Accepted, status string, code int) (Webhook, bool) {
	s.mu.Lock()
	a := s.accounts[m.Account]
	s.mu.Unlock()
	if m.StatusCallback == "" {
		return Webhook{}, false
	}
	fields := url.Values{
		"MessageSid": {m.SID}, "SmsSid": {m.SID}, "AccountSid": {m.Account}, "ApiVersion": {"2010-04-01"},
		"From": {m.From}, "To": {m.To}, "MessageStatus": {status}, "SmsStatus": {status},
	}
	if strings.HasPrefix(m.From, "MG") {
		fields.Set("MessagingServiceSid", m.From)
		fields.Set("From", "+15550000001")
	}
	if strings.HasPrefix(m.To, "whatsapp:") {
		fields.Set("ChannelPrefix", "whatsapp")
		fields.Set("ChannelToAddress", strings.TrimPrefix(m.To, "whatsapp:"))
	}
	if status == "read" {
		fields.Set("EventType", "READ")
	}
	if code != 0 {
		fields.Set("ErrorCode", fmt.Sprint(code))
	}
	return a.Sign(m.StatusCallback, fields), true
}
