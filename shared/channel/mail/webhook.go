package mail

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/quintet-agents/quintet/shared/channel"
	"github.com/quintet-agents/quintet/shared/channel/sns"
	"github.com/quintet-agents/quintet/shared/connection"
)

// Webhook verifies and reads the requests of all providers.
type Webhook struct {
	Topics  *sns.Client
	Content Content // nil: mail in buckets is declined
	Now     func() time.Time

	// Sent reports whether a message id is that of a mail of the connection; see Inbox.
	Sent func(ctx context.Context, a channel.Account, messageID string) bool
}

// Delivery is what an authentic request contains.
type Delivery struct {
	Updates []channel.Update

	// Token is Mailgun's token of the request, and empty for other providers. A request whose
	// token was seen within MailgunLife is a replay, unless its mail is the same.
	Token string

	// Confirm completes a subscription to a topic, for which the request asks. Nil: it does
	// not.
	Confirm func(ctx context.Context) error
}

// Receive verifies and reads a request for a connection. Unauthentic tells its errors apart:
// others are ErrFormat, and those of a certificate or a bucket that was not reached, after
// which the provider should repeat the request.
func (w *Webhook) Receive(ctx context.Context, a channel.Account, h http.Header, body []byte) (Delivery, error) {
	inbox := Inbox{Address: a.Identifiers["address"]}
	if w.Sent != nil {
		inbox.Sent = func(id string) bool { return w.Sent(ctx, a, id) }
	}
	switch p := connection.Provider(a.Identifiers[connection.ProviderField]); p {
	case connection.SendGrid:
		if err := VerifySendGrid(a.Secrets["signing_key"], h, body); err != nil {
			return Delivery{}, err
		}
		signed, ok := unixTime(h.Get(sendGridTimestamp))
		if !ok || w.stale(signed) {
			return Delivery{}, ErrStale
		}
		form, err := ReadForm(h.Get("Content-Type"), body)
		if err != nil {
			return Delivery{}, err
		}
		updates, err := inbox.SendGrid(form)
		for _, u := range updates {
			if u.Message != nil {
				u.Message.At = signed
			}
		}
		return Delivery{Updates: updates}, err
	case connection.Mailgun: // the signature is in the form
		form, err := ReadForm(h.Get("Content-Type"), body)
		if err != nil {
			return Delivery{}, err
		}
		token, err := VerifyMailgun(a.Secrets["signing_key"], form, w.Now())
		if err != nil {
			return Delivery{}, err
		}
		updates, err := inbox.Mailgun(form)
		return Delivery{Updates: updates, Token: token}, err
	case connection.Postmark:
		if err := VerifyPostmark(a.Secrets["username"], a.Secrets["password"], h); err != nil {
			return Delivery{}, err
		}
		updates, err := inbox.Postmark(body)
		return Delivery{Updates: updates}, err
	case connection.SES:
		return w.topic(ctx, inbox, a.Identifiers["topic_arn"], body)
	default:
		return Delivery{}, fmt.Errorf("%w: the connection has no known provider: %q", ErrSignature, p)
	}
}

func (w *Webhook) topic(ctx context.Context, inbox Inbox, topicARN string, body []byte) (Delivery, error) {
	m, err := sns.Read(body)
	if err != nil {
		return Delivery{}, err
	}
	if err := w.Topics.Verify(ctx, m, topicARN); err != nil {
		return Delivery{}, err
	}
	if at := sesTime(m.Timestamp); at.IsZero() || w.stale(at) {
		return Delivery{}, ErrStale
	}
	updates, err := inbox.SES(ctx, m, w.Content)
	d := Delivery{Updates: updates}
	if m.Type == sns.SubscriptionConfirmation {
		d.Confirm = func(ctx context.Context) error { return w.Topics.Confirm(ctx, m) }
	}
	return d, err
}

// stale reports whether a signed time is that of a request which no provider repeats any more.
func (w *Webhook) stale(at time.Time) bool { return w.Now().Sub(at) > SignatureLife }

// Unauthentic reports whether an error means that the provider of the connection did not make
// the request.
func Unauthentic(err error) bool {
	for _, kind := range []error{ErrUnsigned, ErrSignature, ErrStale, sns.ErrUnsigned, sns.ErrSignature, sns.ErrTopic} {
		if errors.Is(err, kind) {
			return true
		}
	}
	return false
}

// Unreadable reports whether an error means that a request is not in the provider's format.
func Unreadable(err error) bool { return errors.Is(err, ErrFormat) || errors.Is(err, sns.ErrFormat) }
