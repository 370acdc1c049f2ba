// Package channels returns the dependencies of functions that receive and answer the messages of
// channels. It is apart from package later, because no other function needs them.
package channels

import (
	"github.com/quintet-agents/quintet/shared/api/inbound"
	"github.com/quintet-agents/quintet/shared/boot"
	"github.com/quintet-agents/quintet/shared/boot/later"
	"github.com/quintet-agents/quintet/shared/connection"
	"github.com/quintet-agents/quintet/shared/inbox"
)

// Door returns what lets the webhooks of a channel in.
func Door(d *boot.Deps, c connection.Channel) *inbound.Door {
	return &inbound.Door{
		Channel: c, Connections: d.Store(), Accounts: accounts(d), Now: d.Now,
		Receiver: &inbox.Receiver{Store: d.Store(), Workers: later.Inbox(d, c.Vendor()), Now: d.Now},
	}
}

func accounts(d *boot.Deps) *inbox.Accounts {
	return &inbox.Accounts{Store: d.Store(), Opener: later.Opener(d)}
}
