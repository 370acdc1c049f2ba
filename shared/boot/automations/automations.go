// Package automations returns the worker of runs of automations. It is separate from the packages
// of the channels' workers, because it links no provider but Meta, for templates.
package automations

import (
	"github.com/quintet-agents/quintet/shared/automation"
	"github.com/quintet-agents/quintet/shared/automation/effect"
	"github.com/quintet-agents/quintet/shared/boot"
	"github.com/quintet-agents/quintet/shared/boot/chat"
	"github.com/quintet-agents/quintet/shared/boot/guard"
	"github.com/quintet-agents/quintet/shared/boot/later"
	"github.com/quintet-agents/quintet/shared/boot/tools"
	"github.com/quintet-agents/quintet/shared/boot/whatsapp"
	"github.com/quintet-agents/quintet/shared/connection"
	"github.com/quintet-agents/quintet/shared/delivery/outbound"
	"github.com/quintet-agents/quintet/shared/inbox"
	"github.com/quintet-agents/quintet/shared/work"
)

// Worker returns the worker of runs.
func Worker(d *boot.Deps) boot.Work {
	w := &automation.Worker{Store: d.Store(), Effects: effects(d), Workers: later.Automations(d), Now: d.Now}
	return boot.Bodies(w.Work)
}

func effects(d *boot.Deps) *effect.Performer {
	return &effect.Performer{
		Requests: &effect.Requests{
			Caller: outbound.NewClient(guard.Of(d), nil, d.Now), Signer: tools.Secrets(d), Opener: tools.Keys(d), Now: d.Now,
		},
		Agents:    &effect.Agents{Turns: chat.Engine(d)},
		Templates: &effect.Templates{Outbox: whatsapp.Outbox(d), Phone: whatsapp.Phone},
		Messages:  &effect.Messages{Poster: poster(d), Now: d.Now},
	}
}

func poster(d *boot.Deps) *inbox.Poster {
	return &inbox.Poster{
		Store: d.Store(), Phone: whatsapp.Phone, Now: d.Now,
		Workers: func(c connection.Channel) work.Queue { return later.Inbox(d, c.Vendor()) },
	}
}
