// Package outbound sends requests to customers' URLs. A customer's URL must not reach our
// private network, so Guard checks the address that is dialled, at every attempt.
package outbound

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"syscall"

	"code.dny.dev/ssrf"
)

// ErrNotAllowed is the error of an address that must not be dialled.
var ErrNotAllowed = errors.New("the address is not allowed")

// Guard decides which addresses may be dialled: globally routable unicast addresses, and
// explicitly opened networks.
type Guard struct {
	rules *ssrf.Guardian
	never []netip.AddrPort
}

// NewGuard returns a guard that opens the given networks. Addresses in never stay closed.
func NewGuard(open []netip.Prefix, never ...netip.AddrPort) *Guard {
	var v4, v6 []netip.Prefix
	for _, p := range open {
		if p.Addr().Is4() {
			v4 = append(v4, p)
		} else {
			v6 = append(v6, p)
		}
	}
	return &Guard{
		rules: ssrf.New(ssrf.WithAnyPort(), ssrf.WithAllowedV4Prefixes(v4...), ssrf.WithAllowedV6Prefixes(v6...)),
		never: never,
	}
}

// ParseNetworks reads a list of CIDRs, separated by commas or blanks.
func ParseNetworks(list string) ([]netip.Prefix, error) {
	var all []netip.Prefix
	for _, text := range strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == ' ' }) {
		p, err := netip.ParsePrefix(text)
		if err != nil {
			return nil, fmt.Errorf("PRIVATE_NETWORKS_ALLOWED has %q, which is no network like 10.0.0.0/8", text)
		}
		all = append(all, p)
	}
	return all, nil
}

// check returns ErrNotAllowed for an address that may not be dialled.
func (g *Guard) check(address netip.AddrPort) error {
	for _, never := range g.never {
		if address.Port() == never.Port() && address.Addr().Unmap() == never.Addr().Unmap() {
			return ErrNotAllowed
		}
	}
	if address.Port() == 0 || g.rules.SafeAddr(address.Addr()) != nil {
		return ErrNotAllowed
	}
	return nil
}

// control is a net.Dialer's Control: it sees the address after every name was
// resolved, just before the connection is made.
func (g *Guard) control(_, address string, _ syscall.RawConn) error {
	dialled, err := netip.ParseAddrPort(address)
	if err != nil {
		return ErrNotAllowed
	}
	return g.check(dialled)
}
