package inbound

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"
	"time"

	"github.com/quintet-agents/quintet/shared/api/wire/body"
	"github.com/quintet-agents/quintet/shared/channel"
	"github.com/quintet-agents/quintet/shared/channel/mail"
	"github.com/quintet-agents/quintet/shared/channel/mail/reply"
	"github.com/quintet-agents/quintet/shared/connection"
	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/inbox"
)

// Tokens keeps the tokens of requests that may come only once.
type Tokens interface {
	// UseToken records a token with what it was used for, until a time. It reports false if it
	// was used for something else.
	UseToken(ctx context.Context, orgID, connectionID, token, use string, until time.Time) (bool, error)
}

// MailCreate answers POST /api/webhooks/email/{connection_id}, by which the providers of mail
// deliver it.
func MailCreate(d *Door, hook *mail.Webhook, tokens Tokens) http.Handler {
	return d.handle(func(w http.ResponseWriter, r *http.Request, a channel.Account) error {
		raw, err := body.Bytes(r, MaxBody)
		if err != nil {
			return err
		}
		delivery, err := hook.Receive(r.Context(), a, r.Header, raw)
		switch {
		case mail.Unauthentic(err):
			return unauthentic(r, a.Connection, err)
		case mail.Unreadable(err):
			return fault.Field("body", "%s", capital(err.Error())) // a sentence without parts of the mail
		case err != nil:
			return err
		}
		if delivery.Token != "" {
			fresh, err := tokens.UseToken(r.Context(), a.OrgID, a.ID, delivery.Token, contentOf(delivery.Updates), d.Now().Add(mail.MailgunLife))
			if err != nil {
				return err
			}
			if !fresh {
				return unauthentic(r, a.Connection, errReplayed)
			}
		}
		if delivery.Confirm != nil {
			if err := delivery.Confirm(r.Context()); err != nil {
				return err
			}
		}
		updates := reply.Recognize([]byte(a.Secrets[connection.ReplyKey]), delivery.Updates, chatOf)
		if err := d.Receiver.Take(r.Context(), a.Connection, updates); err != nil {
			return err
		}
		return acknowledge(w, "text/plain; charset=utf-8", "OK")
	})
}

// chatOf returns the chat of a send by our id of it.
func chatOf(ref string) (string, bool) {
	p, ok := inbox.ParsePartRef(ref)
	return p.ChatID, ok
}

func capital(text string) string { return strings.ToUpper(text[:1]) + text[1:] }

// contentOf returns a digest of the mails in a request, for a signature that does not cover
// them.
func contentOf(updates []channel.Update) string {
	h := sha256.New()
	for _, u := range updates {
		if m := u.Message; m != nil {
			for _, text := range []string{m.ID, m.From.Address, m.Text} {
				sum := sha256.Sum256([]byte(text))
				h.Write(sum[:])
			}
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}
