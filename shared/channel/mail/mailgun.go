package mail

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/quintet-agents/quintet/shared/channel"
)

// Mailgun reads the form of a Mailgun route: one that forwards parsed or raw mail, or one
// that stores it, whose attachments are named in JSON.
func (b Inbox) Mailgun(f Form) ([]channel.Update, error) {
	var l letter
	switch {
	case f.has("body-mime"):
		l = readRaw([]byte(f.last("body-mime")))
	case f.has("message-headers"):
		l = mailgunLetter(f)
	default:
		return nil, fmt.Errorf("%w: Mailgun's form has neither body-mime nor message-headers", ErrFormat)
	}
	if recipients := f.last("recipient"); recipients != "" {
		for _, a := range addresses(recipients) {
			l.recipients = append(l.recipients, a.Address)
		}
	}
	l.noSender = f.has("sender") && isEmptySender(f.last("sender"))
	if at, ok := unixTime(f.last("timestamp")); ok {
		l.at = at
	}
	if strings.EqualFold(word(l.head.get("X-Mailgun-Sflag")), "yes") {
		l.verdict = "Mailgun's verdict: spam"
	}
	return b.updates(l), nil
}

func mailgunLetter(f Form) letter {
	l := letter{text: utf8Text([]byte(f.last("body-plain"))), html: utf8Text([]byte(f.last("body-html"))), files: f.files}
	var headers [][]string
	_ = json.Unmarshal([]byte(f.last("message-headers")), &headers) // the form's own fields stand in
	for _, h := range headers {
		if len(h) == 2 && isName([]byte(h[0])) && len(l.head) < maxHeadFields {
			l.head = append(l.head, field{h[0], h[1]})
		}
	}
	for _, name := range []string{"From", "Subject"} {
		if !l.head.has(name) && f.has(strings.ToLower(name)) {
			l.head = append(l.head, field{name, f.last(strings.ToLower(name))})
		}
	}
	var stored []struct {
		Name        string `json:"name"`
		ContentType string `json:"content-type"`
		Size        int64  `json:"size"`
	}
	_ = json.Unmarshal([]byte(f.last("attachments")), &stored) // of a route that stores mail
	for _, s := range stored {
		l.files = append(l.files, file{name: s.Name, contentType: s.ContentType, size: s.Size})
	}
	return l
}
