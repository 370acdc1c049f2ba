package inbound

import (
	"net/http"

	"github.com/quintet-agents/quintet/shared/api/wire/body"
	"github.com/quintet-agents/quintet/shared/channel"
	"github.com/quintet-agents/quintet/shared/channel/twilio"
)

// TwilioCreate answers POST /api/webhooks/twilio/{connection_id}, which delivers messages and,
// with our id in the query, their statuses. The answer goes out later by REST, so the
// acknowledgement is an empty TwiML document.
func TwilioCreate(d *Door) http.Handler {
	return d.handle(func(w http.ResponseWriter, r *http.Request, a channel.Account) error {
		raw, err := body.Bytes(r, twilio.MaxBody)
		if err != nil {
			return err
		}
		if err := twilio.VerifySignature(a.Secrets, webhookURL(r, a.Connection), r.Header, raw); err != nil {
			return unauthentic(r, a.Connection, err)
		}
		updates, err := twilio.Parse(a.Account(), r.Header.Get("Content-Type"), r.URL.Query(), raw)
		if err != nil {
			return unreadable(err)
		}
		if err := d.Receiver.Take(r.Context(), a.Connection, updates); err != nil {
			return err
		}
		return acknowledge(w, twilio.AcknowledgementType, twilio.Acknowledgement)
	})
}
