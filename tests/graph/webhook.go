package graph

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"time"
	"unicode/utf16"
)

// Webhook is a request of Meta's to a webhook.
type Webhook struct {
	Body      []byte
	Signature string // the value of X-Hub-Signature-256
}

// Request returns the webhook as a request to a URL.
func (h Webhook) Request(url string) (*http.Request, error) {
	req, err := http.NewRequest(http.MethodPost, url, bytes.NewReader(h.Body)) //nolint:noctx // the caller sets one
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-Hub-Signature-256", h.Signature)
	req.Header.Set("User-Agent", "facebookexternalua")
	return req, nil
}

// Sign signs a body with an app's secret.
func Sign(secret string, body []byte) Webhook {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(body)
	return Webhook{Body: body, Signature: "sha256=" + hex.EncodeToString(mac.Sum(nil))}
}

// Person is somebody who writes to the business over WhatsApp.
type Person struct {
	Phone  string // empty: Meta hides it
	UserID string // as in US.13491208655302741918
	Name   string
}

// Change is one message or status of WhatsApp within a webhook.
type Change struct {
	contact map[string]any
	message map[string]any
	status  map[string]any
}

// Text is a text message.
func Text(from Person, id, text string, at time.Time) Change {
	return Incoming(from, id, "text", map[string]any{"body": text}, at)
}

// Incoming is a message of any type, with the content that is in the field of the type's name.
func Incoming(from Person, id, kind string, content any, at time.Time) Change {
	contact := map[string]any{"profile": map[string]any{"name": from.Name}}
	message := map[string]any{"id": id, "timestamp": strconv.FormatInt(at.Unix(), 10), "type": kind, kind: content}
	if from.Phone != "" {
		contact["wa_id"], message["from"] = from.Phone, from.Phone
	}
	if from.UserID != "" {
		contact["user_id"], message["from_user_id"] = from.UserID, from.UserID
	}
	return Change{contact: contact, message: message}
}

// Image is a message with a file that was uploaded.
func (s *Server) Image(from Person, id, mediaID, caption string, at time.Time) Change {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.media[mediaID]
	content := map[string]any{"id": m.ID, "mime_type": m.Type, "sha256": m.SHA256(), "url": s.urlOf(m)}
	if caption != "" {
		content["caption"] = caption
	}
	return Incoming(from, id, "image", content, at)
}

// StatusOf is a status of an accepted message: sent, delivered, read, played or failed. A
// failed one has a code.
func StatusOf(a Accepted, status string, code int, at time.Time) Change {
	state := map[string]any{"id": a.ID, "status": status, "timestamp": strconv.FormatInt(at.Unix(), 10)}
	if userIDForm(a.To) {
		state["recipient_user_id"] = a.To
	} else {
		state["recipient_id"] = a.To
	}
	if a.Ref != "" {
		state["biz_opaque_callback_data"] = a.Ref
	}
	switch status {
	case "sent", "delivered", "read":
		state["pricing"] = map[string]any{"billable": true, "pricing_model": "PMP", "type": "regular", "category": "service"}
	case "failed":
		title := fmt.Sprintf("Error %d", code)
		state["errors"] = []any{map[string]any{"code": code, "title": title, "message": title, "error_data": map[string]any{"details": "Why it failed."}}}
	}
	return Change{status: state}
}

func userIDForm(text string) bool { return userID("", text) == "" }

// WhatsAppWebhook is a signed batch of changes of a number.
func (s *Server) WhatsAppWebhook(n Number, changes ...Change) Webhook {
	value := map[string]any{
		"messaging_product": "whatsapp",
		"metadata":          map[string]any{"display_phone_number": "16315555555", "phone_number_id": n.ID},
	}
	add := func(name string, what map[string]any) {
		if what != nil {
			all, _ := value[name].([]any)
			value[name] = append(all, what)
		}
	}
	for _, c := range changes {
		add("contacts", c.contact)
		add("messages", c.message)
		add("statuses", c.status)
	}
	return s.sign(WhatsApp, map[string]any{"id": n.AccountID, "changes": []any{map[string]any{"field": "messages", "value": value}}})
}

// Event is one thing in a webhook of Instagram or Messenger.
type Event map[string]any

// DirectText is a text that a person sends to an account or a page.
func DirectText(person, account, mid, text string, at time.Time) Event {
	return event(person, account, at, "message", map[string]any{"mid": mid, "text": text})
}

// Echo is the report of a message that the account or the page has sent.
func Echo(a Accepted, at time.Time) Event {
	m := map[string]any{"mid": a.ID, "text": a.Text, "is_echo": true}
	if a.Ref != "" {
		m["metadata"] = a.Ref
	}
	return event(a.NumberID, a.To, at, "message", m)
}

// Delivered reports that messages have arrived. Only Messenger does so.
func Delivered(a Accepted, at time.Time) Event {
	return event(a.To, a.NumberID, at, "delivery", map[string]any{"mids": []string{a.ID}, "watermark": at.UnixMilli()})
}

// ReadUpTo reports that a person has read: all messages up to a time at Messenger, one at Instagram.
func ReadUpTo(a Accepted, at time.Time) Event {
	if a.Object == Instagram {
		return event(a.To, a.NumberID, at, "read", map[string]any{"mid": a.ID})
	}
	return event(a.To, a.NumberID, at, "read", map[string]any{"watermark": at.UnixMilli()})
}

func event(from, to string, at time.Time, name string, what map[string]any) Event {
	return Event{"sender": map[string]any{"id": from}, "recipient": map[string]any{"id": to}, "timestamp": at.UnixMilli(), name: what}
}

// DirectWebhook is a signed batch of events of an Instagram account or a page.
func (s *Server) DirectWebhook(object Object, account string, events ...Event) Webhook {
	return s.sign(object, map[string]any{"id": account, "time": time.Now().UnixMilli(), "messaging": events})
}

// sign returns a webhook with entries. Meta escapes what is not ASCII, and slashes.
func (s *Server) sign(object Object, entries ...any) Webhook {
	s.mu.Lock()
	secret := s.app.Secret
	s.mu.Unlock()
	body, err := json.Marshal(map[string]any{"object": object, "entry": entries})
	if err != nil {
		panic(err) // only maps of texts and numbers
	}
	return Sign(secret, escape(body))
}

func escape(body []byte) []byte {
	var b bytes.Buffer
	for _, r := range string(body) {
		switch {
		case r == '/':
			b.WriteString(`\/`)
		case r < 0x80:
			b.WriteRune(r)
		default:
			for _, unit := range utf16.Encode([]rune{r}) {
				fmt.Fprintf(&b, `\u%04x`, unit)
			}
		}
	}
	return b.Bytes()
}
