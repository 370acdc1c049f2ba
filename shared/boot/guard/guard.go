// Package guard returns the guard of requests to customers' URLs. It is separate from package
// boot, because most functions send none.
package guard

import (
	"net/netip"

	"github.com/quintet-agents/quintet/shared/boot"
	"github.com/quintet-agents/quintet/shared/delivery/outbound"
)

// Of returns the guard of a function. It opens the networks that the environment names, but
// never Lambda's Runtime API.
func Of(d *boot.Deps) *outbound.Guard {
	c := d.Config()
	open, err := outbound.ParseNetworks(c.PrivateNetworks)
	if err != nil {
		panic(err) // at the function's start, so that the mistake is noticed
	}
	var never []netip.AddrPort
	if api, err := netip.ParseAddrPort(c.RuntimeAPI); err == nil {
		never = append(never, api)
	}
	return outbound.NewGuard(open, never...)
}
