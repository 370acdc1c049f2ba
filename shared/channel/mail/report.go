package mail

import (
	"mime"
	"strings"
	"time"

	"github.com/jhillyerd/enmime/v2"

	"github.com/quintet-agents/quintet/shared/channel"
)

// sendIDField is the field in which our own mails carry the Ref of their send.
const sendIDField = "X-Quintet-Send-Id"

// report is what a multipart/report says about a mail that was sent.
type report struct {
	kind      string // delivery-status, disposition-notification, feedback-report, ...
	messageID string // of the mail
	ref       string // our id of its send; empty: the report does not repeat it
	action    string // of a delivery status: failed, delayed, delivered, relayed, expanded; of a disposition: displayed, ...
	code      string // the enhanced status code
	reason    string
	recipient string
}

// readReport reads the parts of a multipart/report.
func readReport(root *enmime.Part) *report {
	_, params, _ := mime.ParseMediaType(root.Header.Get("Content-Type"))
	r := &report{kind: strings.ToLower(params["report-type"])}
	for child := root.FirstChild; child != nil; child = child.NextSibling {
		r.add(child.ContentType, child.Content)
	}
	return r
}

// attachedReport reads a report whose parts the provider posts as attachments.
func attachedReport(l letter) *report {
	kind, params, _ := mime.ParseMediaType(l.head.get("Content-Type"))
	if kind != "multipart/report" {
		return nil
	}
	r := &report{kind: strings.ToLower(params["report-type"])}
	for _, f := range l.files {
		r.add(f.contentType, f.content)
	}
	return r
}

// add reads a part of a report, if it is one that programs read.
func (r *report) add(contentType string, content []byte) {
	content = content[:min(len(content), maxReport)]
	switch contentType {
	case "message/delivery-status", "message/global-delivery-status":
		r.kind = "delivery-status"
		r.deliveries(content)
	case "message/disposition-notification", "message/global-disposition-notification":
		r.kind = "disposition-notification"
		h := readHead(content)
		_, r.action, _ = strings.Cut(h.get("Disposition"), ";")
		r.action = strings.ToLower(strings.TrimSpace(r.action))
		r.messageID = messageID(h.get("Original-Message-ID"))
		r.recipient = addressOf(h.get("Final-Recipient"))
	case "message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers", "message/rfc822-headers":
		h := readHead(content)
		if id := messageID(h.get("Message-ID")); id != "" && r.messageID == "" {
			r.messageID = id
		}
		r.ref = clip(clean(h.get(sendIDField)), channel.MaxRef)
	}
}

// deliveries reads the recipients of a delivery status. Our mails have one; of several, a
// failure counts.
func (r *report) deliveries(content []byte) {
	content = []byte(strings.ReplaceAll(string(content), "\r\n", "\n"))
	for group := range strings.SplitSeq(string(content), "\n\n") {
		h := readHead([]byte(group))
		action := strings.ToLower(word(h.get("Action")))
		if action == "" || r.action == "failed" {
			continue
		}
		r.action, r.code = action, word(h.get("Status"))
		_, r.reason, _ = strings.Cut(h.get("Diagnostic-Code"), ";")
		r.recipient = addressOf(h.get("Final-Recipient"))
	}
}

// addressOf reads an address with its type, as in "rfc822; ada@example.com".
func addressOf(value string) string {
	_, address, ok := strings.Cut(value, ";")
	if !ok {
		address = value
	}
	return strings.ToLower(clip(clean(strings.Trim(strings.TrimSpace(address), "<>")), maxAddress))
}

// update returns the state that a report names, or nil if it names no mail or no state. The
// letter is recorded then.
func (r *report) update(at time.Time) *channel.Update {
	if r.messageID == "" && r.ref == "" {
		return nil
	}
	status := &channel.Status{MessageID: r.messageID, Ref: r.ref, At: at, Person: channel.Person{Address: r.recipient}}
	switch {
	case r.kind == "delivery-status" && r.action == "failed":
		status.State = channel.Failed
		status.Failure = &channel.SendError{Kind: channel.Undeliverable, Message: "The mail could not be delivered", Details: r.details()}
	case r.kind == "delivery-status" && r.action == "delivered":
		status.State = channel.Delivered
	case r.kind == "delivery-status" && r.action != "":
		return &channel.Update{Ignored: "a report of a state that is not used"}
	case r.kind == "disposition-notification" && strings.HasPrefix(r.action, "displayed"):
		status.State = channel.Read
	default:
		return nil
	}
	return &channel.Update{Status: status}
}

func (r *report) details() string {
	return clip(strings.TrimSpace(clean(r.code)+" "+clean(r.reason)), maxDetails)
}

const maxDetails = 1000 // bytes
