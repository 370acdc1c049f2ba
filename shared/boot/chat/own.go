package chat

import (
	"github.com/quintet-agents/quintet/shared/awscall"
	"github.com/quintet-agents/quintet/shared/boot"
	"github.com/quintet-agents/quintet/shared/boot/guard"
	"github.com/quintet-agents/quintet/shared/delivery/outbound"
	"github.com/quintet-agents/quintet/shared/kms"
	"github.com/quintet-agents/quintet/shared/provider"
	"github.com/quintet-agents/quintet/shared/sts"
)

// ownProviders returns the orgs' own model providers. Nothing is opened or called before the first turn
// of such an agent.
func ownProviders(d *boot.Deps) *provider.Providers {
	c := d.Config()
	call := func(service string) awscall.Service {
		return awscall.Service{Config: d.ColdAWS(c.Endpoint), Name: service, Now: d.Now}
	}
	bedrockConfig := d.ColdAWS(bedrockEndpoint(c))
	bedrockConfig.Retryer = retryer(c)
	return provider.New(
		kms.Box{KMS: call("kms"), KeyID: c.SecretsKey}, sts.Client{STS: call("sts")},
		outbound.NewStreamingClient(guard.Of(d), nil), bedrockConfig, limits(c.ModelWaits),
	)
}
