package delivery

import (
	"net"
	"net/netip"
	"net/url"
	"strings"
)

// receiverOf returns the receiver of a URL, as host and port. All spellings of a host give
// the same receiver: names in any case, with or without a final dot, IPv6 addresses in any
// form, with or without the default port.
func receiverOf(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return raw
	}
	host := strings.TrimSuffix(strings.ToLower(u.Hostname()), ".")
	if address, err := netip.ParseAddr(host); err == nil {
		host = address.Unmap().String()
	}
	port := strings.TrimLeft(u.Port(), "0")
	switch {
	case port != "":
	case u.Scheme == "https":
		port = "443"
	default:
		port = "80"
	}
	return net.JoinHostPort(host, port)
}
