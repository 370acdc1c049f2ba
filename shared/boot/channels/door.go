// Package channels returns the dependencies of functions that receive and answer the messages of
// channels. It is apart from package later, because no other function needs them.
package channels

import (
	"context"

	"github.com/quintet-agents/quintet/shared/api/inbound"
	"github.com/quintet-agents/quintet/shared/boot"
	"github.com/quintet-agents/quintet/shared/boot/later"
	"github.com/quintet-agents/quintet/shared/channel"
	"github.com/quintet-agents/quintet/shared/channel/mail"
	"github.com/quintet-agents/quintet/shared/channel/mail/reply"
	"github.com/quintet-agents/quintet/shared/channel/sns"
	"github.com/quintet-agents/quintet/shared/connection"
	"github.com/quintet-agents/quintet/shared/inbox"
)

// Door returns what lets the webhooks of a channel in.
func Door(d *boot.Deps, c connection.Channel) *inbound.Door {
	opened := accounts(d)
	return &inbound.Door{
		Channel: c, Connections: d.Store(), Accounts: opened, Now: d.Now,
		Receiver: &inbox.Receiver{Store: d.Store(), Accounts: opened, Workers: later.Inbox(d, c.Vendor()), Now: d.Now},
	}
}

// MailWebhook returns what verifies and reads the requests of the providers of mail. Mail in
// buckets is not fetched: what its notification has is recorded.
func MailWebhook(d *boot.Deps) *mail.Webhook {
	return &mail.Webhook{
		Topics: sns.NewClient(later.ProviderHTTP(d), nil, d.Now), Now: d.Now,
		Sent: func(_ context.Context, a channel.Account, id string) bool {
			_, ours := reply.ReadID([]byte(a.Secrets[connection.ReplyKey]), id)
			return ours
		},
	}
}

func accounts(d *boot.Deps) *inbox.Accounts {
	return &inbox.Accounts{Store: d.Store(), Opener: later.Opener(d)}
}
