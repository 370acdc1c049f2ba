// Package inbound answers the webhooks of channels: those of Meta, Twilio and the providers of
// mail.
//
// A Door finds the connection that a URL names, and opens its secrets. Each handler checks that
// the request is authentic before it parses anything, hands the updates to an inbox.Receiver,
// and acknowledges. Any other answer makes the provider redeliver, so it is given only if
// something was not stored.
package inbound

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/quintet-agents/quintet/shared/api/inbound/frame"
	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/channel"
	"github.com/quintet-agents/quintet/shared/connection"
	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/inbox"
	"github.com/quintet-agents/quintet/shared/recall"
)

// MaxBody is the longest body of a webhook, in bytes. That of Twilio is smaller: it has one message.
const MaxBody = 5 << 20

// Locator finds connections by their ids.
type Locator interface {
	// Locate returns the connection that has an id, of any org.
	Locate(ctx context.Context, id string) (connection.Connection, error)
}

// Door finds the connections that the webhooks of a channel are for, and stores their updates.
type Door struct {
	Channel     connection.Channel
	Connections Locator
	Accounts    *inbox.Accounts
	Receiver    *inbox.Receiver
	Now         func() time.Time

	known recall.Rows[connection.Connection]
}

// errUnauthentic is the error for a request that is not the provider's. It says no more: the
// cause is in the log.
var errUnauthentic = fault.New(fault.Unauthorized, "The request is not signed with a secret of this connection: compare the secret and the URL with those at the provider")

// errReplayed is the cause of a refused request whose token was used for another mail.
var errReplayed = errors.New("the token was used for another mail")

// handle answers a webhook. do returns an error only if nothing was acknowledged.
func (d *Door) handle(do func(w http.ResponseWriter, r *http.Request, a channel.Account) error) http.Handler {
	return wire.Handle(frame.WriteError, func(w http.ResponseWriter, r *http.Request) error {
		a, err := d.account(r)
		if err != nil {
			return err
		}
		return do(w, r, a)
	})
}

// account returns the connection of a request's URL, with its opened secrets.
func (d *Door) account(r *http.Request) (channel.Account, error) {
	id, err := uuid.Parse(r.PathValue("connection_id"))
	if err != nil {
		return channel.Account{}, connection.ErrNotFound
	}
	c, err := d.known.Get(r.Context(), d.Now(), id.String(), d.Connections.Locate)
	if err != nil {
		return channel.Account{}, err
	}
	if c.Channel != d.Channel {
		return channel.Account{}, connection.ErrNotFound
	}
	return d.Accounts.Open(r.Context(), c)
}

// webhookURL returns the URL that the provider was given, with the query of the request.
func webhookURL(r *http.Request, c connection.Connection) string {
	url := c.WebhookURL(wire.BaseURL(r.Context()))
	if r.URL.RawQuery != "" {
		url += "?" + r.URL.RawQuery
	}
	return url
}

// unauthentic logs why a request is refused and returns the error for the caller.
func unauthentic(r *http.Request, c connection.Connection, cause error) error {
	slog.WarnContext(r.Context(), "webhook refused", "org_id", c.OrgID, "connection_id", c.ID, "channel", c.Channel, "cause", cause.Error())
	return errUnauthentic.Because(cause)
}

// unreadable is the error of a body that is not in the provider's format.
func unreadable(cause error) error {
	return fault.Field("body", "The body is not in the provider's format").Because(cause)
}

// acknowledge tells the provider that all is stored.
func acknowledge(w http.ResponseWriter, contentType, body string) error {
	if contentType != "" {
		w.Header().Set("Content-Type", contentType)
	}
	w.WriteHeader(http.StatusOK)
	_, _ = io.WriteString(w, body) //nolint:gosec // plain text or our own TwiML; a provider that went away redelivers
	return nil
}
