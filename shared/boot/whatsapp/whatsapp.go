// Package whatsapp makes what sends over WhatsApp. It is apart from package later because the
// numbering plans behind Phone are large, and only functions that send have use for them.
package whatsapp

import (
	"cmp"

	"github.com/quintet-agents/quintet/shared/boot"
	"github.com/quintet-agents/quintet/shared/boot/later"
	"github.com/quintet-agents/quintet/shared/channel"
	"github.com/quintet-agents/quintet/shared/channel/meta"
	"github.com/quintet-agents/quintet/shared/channel/phone"
	"github.com/quintet-agents/quintet/shared/inbox"
)

// Outbox sends templates.
func Outbox(d *boot.Deps) *channel.Outbox {
	c := d.Config()
	return &channel.Outbox{
		Sends: d.Store(), Connections: d.Store(), Opener: later.Opener(d), Now: d.Now,
		Threads:   &inbox.Templates{Store: d.Store(), Now: d.Now},
		Templates: meta.NewClient(later.ProviderHTTP(d), cmp.Or(c.MetaGraphURL, meta.DefaultURL), cmp.Or(c.MetaGraphVersion, meta.DefaultVersion)),
	}
}

// Phone checks the numbers that are sent to.
func Phone(text string) (digits string, ok bool) { return phone.Parse(text) }
