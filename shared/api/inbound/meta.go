package inbound

import (
	"net/http"

	"github.com/quintet-agents/quintet/shared/api/wire/body"
	"github.com/quintet-agents/quintet/shared/channel"
	"github.com/quintet-agents/quintet/shared/channel/meta"
	"github.com/quintet-agents/quintet/shared/fault"
)

// MetaVerify answers GET /api/webhooks/{channel}/{connection_id}, by which Meta checks that the
// URL belongs to the owner of the app.
func MetaVerify(d *Door) http.Handler {
	return d.handle(func(w http.ResponseWriter, r *http.Request, a channel.Account) error {
		challenge, err := meta.Handshake(a.Secrets, r.URL.RawQuery)
		if err != nil {
			return fault.New(fault.Forbidden, "The verify token is not that of this connection").Because(err)
		}
		return acknowledge(w, "text/plain; charset=utf-8", challenge)
	})
}

// MetaCreate answers POST /api/webhooks/{channel}/{connection_id}, which delivers updates.
func MetaCreate(d *Door) http.Handler {
	return d.handle(func(w http.ResponseWriter, r *http.Request, a channel.Account) error {
		raw, err := body.Bytes(r, MaxBody)
		if err != nil {
			return err
		}
		if err := meta.VerifySignature(a.Secrets, r.Header, raw); err != nil {
			return unauthentic(r, a.Connection, err)
		}
		updates, err := meta.Parse(raw)
		if err != nil {
			return unreadable(err)
		}
		if err := d.Receiver.Take(r.Context(), a.Connection, updates); err != nil {
			return err
		}
		return acknowledge(w, "text/plain; charset=utf-8", "EVENT_RECEIVED")
	})
}
