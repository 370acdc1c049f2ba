package peers_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/quintet-agents/quintet/shared/channel"
	"github.com/quintet-agents/quintet/shared/channel/meta"
	"github.com/quintet-agents/quintet/shared/connection"
	"github.com/quintet-agents/quintet/shared/dynamo/dynamotest"
)

// delivered is a webhook of WhatsApp with one change, because the libraries read no other.
type delivered struct {
	Name      string            `json:"name"`
	Body      []byte            `json:"body"`
	Secret    string            `json:"secret"`
	Signature string            `json:"signature"`
	Facts     map[string]string `json:"facts"` // what we read
	Text      string            `json:"text"`  // what an agent reads
}

// Other authors' libraries of WhatsApp read the same facts in its webhooks, and accept the
// signatures that we accept.
func TestWhatsApp_Webhooks(t *testing.T) {
	webhooks := whatsAppWebhooks(t)
	secrets := connection.Secrets{"app_secret": webhooks[0].Secret}
	for _, w := range webhooks {
		if err := meta.VerifySignature(secrets, http.Header{"X-Hub-Signature-256": {w.Signature}}, w.Body); err != nil {
			t.Errorf("%s: got %v, want the signature accepted", w.Name, err)
		}
	}
	file := writeJSON(t, "webhooks.json", webhooks)
	for _, path := range programs(t, "whatsapp") {
		t.Run(filepath.Base(path), func(t *testing.T) { run(t, nil, path, file) })
	}
}

// whatsAppWebhooks returns each change of the sample webhooks, with what we read in it.
func whatsAppWebhooks(t *testing.T) []delivered {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dynamotest.Root(), "shared/channel/meta/testdata/webhooks/whatsapp_*.json"))
	if err != nil || len(names) == 0 {
		t.Fatalf("got %d files of webhooks, %v, want some", len(names), err)
	}
	var all []delivered
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var body struct {
			Object string
			Entry  []struct {
				ID      string
				Time    int64
				Changes []json.RawMessage
			}
		}
		if err := json.Unmarshal(text, &body); err != nil {
			t.Fatal(err)
		}
		short := strings.TrimSuffix(strings.TrimPrefix(filepath.Base(name), "whatsapp_"), ".json")
		for _, entry := range body.Entry {
			for i, change := range entry.Changes {
				one := fmt.Appendf(nil, `{"object":%q,"entry":[{"id":%q,"time":%d,"changes":[%s]}]}`, body.Object, entry.ID, entry.Time, change)
				all = append(all, deliver(t, fmt.Sprintf("%s %d", short, i), one))
			}
		}
	}
	return all
}

func deliver(t *testing.T, name string, body []byte) delivered {
	t.Helper()
	updates, err := meta.Parse(body)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	last := updates[len(updates)-1] // a shared phone number comes before its message
	d := delivered{Name: name, Body: body, Secret: "5ca1ab1e", Facts: facts(last)}
	if last.Message != nil {
		d.Text = last.Message.Text
	}
	mac := hmac.New(sha256.New, []byte(d.Secret))
	mac.Write(body)
	d.Signature = "sha256=" + hex.EncodeToString(mac.Sum(nil))
	return d
}

// facts returns what an update says under names that the programs use too.
func facts(u channel.Update) map[string]string {
	found := map[string]string{"account": u.Account}
	person := func(p channel.Person) {
		found["phone"], found["user_id"], found["parent_id"] = p.Address, p.UserID, p.ParentID
		found["name"], found["username"] = p.Name, p.Username
	}
	switch {
	case u.Message != nil:
		m := u.Message
		found["kind"], found["id"], found["type"], found["time"], found["reply_to"] = "message", m.ID, m.Type, strconv.FormatInt(m.At.Unix(), 10), m.ReplyTo
		person(m.From)
		for _, file := range m.Media {
			found["file_id"], found["file_url"], found["file_type"], found["file_hash"], found["file_name"] = file.ID, file.URL, file.ContentType, file.SHA256, file.Name
			if file.Type == "voice" {
				found["voice"] = "yes"
			}
		}
	case u.Status != nil:
		s := u.Status
		found["kind"], found["id"], found["state"], found["time"], found["ref"] = "status", s.MessageID, string(s.State), strconv.FormatInt(s.At.Unix(), 10), s.Ref
		found["price_type"], found["price_category"] = s.Price.Type, s.Price.Category
		person(s.Person)
		if s.Failure != nil {
			found["error"], found["error_details"] = strconv.Itoa(s.Failure.Code), s.Failure.Details
		}
	case u.Correction != nil:
		c := u.Correction
		found["kind"], found["id"], found["of"], found["text"], found["time"] = "correction", c.ID, c.MessageID, c.Text, strconv.FormatInt(c.At.Unix(), 10)
		person(c.From)
	case u.Identity != nil:
		found["kind"], found["id"], found["time"] = "identity", u.Identity.ID, strconv.FormatInt(u.Identity.At.Unix(), 10)
		found["from_phone"], found["to_phone"], found["to_user_id"] = u.Identity.Before.Address, u.Identity.After.Address, u.Identity.After.UserID
	case u.Preference != nil:
		found["kind"], found["time"], found["opted_out"] = "preference", strconv.FormatInt(u.Preference.At.Unix(), 10), strconv.FormatBool(u.Preference.OptedOut)
		person(u.Preference.Person)
	case u.Notice != nil:
		found["kind"], found["code"], found["time"] = "notice", u.Notice.Code, strconv.FormatInt(u.Notice.At.Unix(), 10)
	default:
		found["kind"] = "ignored"
	}
	for name, value := range found {
		if value == "" {
			delete(found, name)
		}
	}
	return found
}
