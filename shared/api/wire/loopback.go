package wire

import (
	"net"
	"strings"
)

// IsLoopback reports whether a host, with or without a port, is this machine, where the API has no TLS.
func IsLoopback(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.ToLower(strings.Trim(host, "[]"))
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || net.ParseIP(host).IsLoopback()
}
