package mail

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/quintet-agents/quintet/shared/channel"
	"github.com/quintet-agents/quintet/shared/channel/sns"
)

// Object names a mail that Amazon SES stored in a bucket.
type Object struct{ Bucket, Key string }

// Content returns a stored mail, at most limit bytes of it.
//
// The owner of a topic can publish any bucket and key. So it may read only buckets that the
// deployment's operator allows for the connection.
type Content func(ctx context.Context, o Object, limit int64) ([]byte, error)

// sesNotification is what Amazon SES publishes about a mail that was received or sent.
type sesNotification struct {
	NotificationType string `json:"notificationType"`
	EventType        string `json:"eventType"` // in its place, where a configuration set publishes
	Receipt          struct {
		Recipients   []string   `json:"recipients"`
		SpamVerdict  sesVerdict `json:"spamVerdict"`
		VirusVerdict sesVerdict `json:"virusVerdict"`
		Action       struct {
			Type       string `json:"type"`
			Encoding   string `json:"encoding"`
			BucketName string `json:"bucketName"`
			ObjectKey  string `json:"objectKey"`
		} `json:"action"`
	} `json:"receipt"`
	Mail struct {
		Timestamp string  `json:"timestamp"`
		MessageID string  `json:"messageId"`
		Source    *string `json:"source"`
		Headers   []struct {
			Name  string `json:"name"`
			Value string `json:"value"`
		} `json:"headers"`
	} `json:"mail"`
	Content   *string      `json:"content"`
	Bounce    sesBounce    `json:"bounce"`
	Complaint sesComplaint `json:"complaint"`
	Delivery  struct {
		Timestamp string `json:"timestamp"`
	} `json:"delivery"`
}

type sesVerdict struct {
	Status string `json:"status"`
}

// SES reads a notification of Amazon SES in a verified message of Amazon SNS: mail that was
// received, or the state of mail that was sent. Content fetches a mail that SES stored in a
// bucket; with nil, such a mail is declined. An error other than ErrFormat is that of Content.
func (b Inbox) SES(ctx context.Context, m sns.Message, content Content) ([]channel.Update, error) {
	account := strings.ToLower(b.Address)
	if m.Type != sns.Notification {
		return ignored(account, "a message of Amazon SNS of the type "+m.Type), nil
	}
	n, ok := readSES(m.Message)
	if !ok {
		return ignored(account, "a notification that is not of Amazon SES"), nil
	}
	kind := n.NotificationType
	if kind == "" {
		kind = n.EventType
	}
	if kind != "Received" {
		return n.sent(kind, account, sns.RegionOf(m.TopicARN)), nil
	}
	l, err := n.letter(ctx, content)
	if err != nil {
		return nil, err
	}
	return b.updates(l), nil
}

// readSES decodes a notification. Amazon SES tests a topic with a text that is none.
func readSES(text string) (n sesNotification, ok bool) {
	ok = json.Unmarshal([]byte(text), &n) == nil
	return n, ok
}

func (n sesNotification) letter(ctx context.Context, content Content) (letter, error) {
	raw, unread, err := n.raw(ctx, content)
	if err != nil {
		return letter{}, err
	}
	var l letter
	if unread == "" {
		l = readRaw(raw)
	}
	if len(l.head) == 0 { // without the content, the notification still names the head
		l.unread = unread
		for _, h := range n.Mail.Headers[:min(len(n.Mail.Headers), maxHeadFields)] {
			if isName([]byte(h.Name)) {
				l.head = append(l.head, field{h.Name, h.Value})
			}
		}
	}
	l.recipients = n.Receipt.Recipients
	l.noSender = n.Mail.Source != nil && isEmptySender(*n.Mail.Source)
	l.at = sesTime(n.Mail.Timestamp)
	switch {
	case n.Receipt.VirusVerdict.Status == "FAIL":
		l.verdict = "Amazon SES's verdict: virus"
	case n.Receipt.SpamVerdict.Status == "FAIL":
		l.verdict = "Amazon SES's verdict: spam"
	}
	return l, nil
}

// raw returns the raw mail, or why there is none.
func (n sesNotification) raw(ctx context.Context, content Content) (raw []byte, unread string, err error) {
	action := n.Receipt.Action
	switch {
	case n.Content != nil:
		return sesContent(*n.Content, action.Encoding), "", nil
	case action.Type != "S3" || action.BucketName == "" || action.ObjectKey == "":
		return nil, "its content was not published", nil
	case content == nil:
		return nil, "it is in a bucket that is not read", nil
	}
	raw, err = content(ctx, Object{Bucket: action.BucketName, Key: action.ObjectKey}, maxRaw)
	if err != nil {
		return nil, "", fmt.Errorf("read the mail %s in the bucket %s: %w", action.ObjectKey, action.BucketName, err)
	}
	return raw, "", nil
}

// sesContent decodes a content. One without a named encoding is base64 if it can be: a mail
// has a colon in its first line.
func sesContent(text, encoding string) []byte {
	if strings.EqualFold(encoding, "BASE64") || encoding == "" && !strings.Contains(text, ":") {
		if raw, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(text), "")); err == nil {
			return raw
		}
	}
	return []byte(text)
}

func sesTime(text string) time.Time {
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return time.Time{}
	}
	return at.UTC()
}
