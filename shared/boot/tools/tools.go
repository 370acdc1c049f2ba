// Package tools returns what runs the tools of agents. It is separate from package boot,
// because only functions that run turns, and those that manage tools, need it.
package tools

import (
	"github.com/quintet-agents/quintet/shared/awscall"
	"github.com/quintet-agents/quintet/shared/boot"
	"github.com/quintet-agents/quintet/shared/boot/guard"
	"github.com/quintet-agents/quintet/shared/delivery/outbound"
	"github.com/quintet-agents/quintet/shared/kms"
	"github.com/quintet-agents/quintet/shared/secret"
	"github.com/quintet-agents/quintet/shared/tool"
)

// Box returns the toolbox of the turn engine. Nothing is opened or called before the first
// call of a tool.
func Box(d *boot.Deps) *tool.Box {
	return &tool.Box{Store: d.Store(), Runner: Runner(d), Servers: servers{Servers(d)}}
}

// Keys seals and opens secrets of agents and orgs.
func Keys(d *boot.Deps) kms.Box {
	c := d.Config()
	return kms.Box{KMS: awscall.Service{Config: d.ColdAWS(c.Endpoint), Name: "kms", Now: d.Now}, KeyID: c.SecretsKey}
}

// Runner returns the runner of HTTP tools.
func Runner(d *boot.Deps) *tool.Runner {
	return &tool.Runner{
		Caller: outbound.NewClient(guard.Of(d), nil, d.Now),
		Signer: Secrets(d), Opener: Keys(d), Now: d.Now,
	}
}

// Secrets returns the keeper of the secrets that sign requests.
func Secrets(d *boot.Deps) *secret.Keeper {
	return &secret.Keeper{Store: d.Store(), Now: d.Now, Box: Keys(d)}
}
