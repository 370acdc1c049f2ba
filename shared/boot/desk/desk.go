// Package desk returns what the handlers that change agents' tools need. Functions that run
// turns do not link it.
package desk

import (
	"github.com/quintet-agents/quintet/shared/api/manage/tool"
	"github.com/quintet-agents/quintet/shared/boot"
	"github.com/quintet-agents/quintet/shared/boot/guard"
	"github.com/quintet-agents/quintet/shared/boot/tools"
	"github.com/quintet-agents/quintet/shared/delivery/outbound"
)

// Desk returns what the handlers that change tools need beside the agents.
func Desk(d *boot.Deps) tool.Desk {
	return tool.Desk{Sealer: tools.Keys(d), Opener: tools.Keys(d), URLs: outbound.Checker{Guard: guard.Of(d)}, Servers: tools.Servers(d), Signer: tools.Secrets(d), Now: d.Now}
}
