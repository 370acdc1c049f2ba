package outbound

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/quintet-agents/quintet/shared/delivery"
	"github.com/quintet-agents/quintet/shared/fault"
)

// resolveTime bounds a name's resolution at registration.
const resolveTime = 3 * time.Second

// Checker validates URLs when customers register them.
type Checker struct {
	Guard    *Guard
	Resolver *net.Resolver // nil: the system's
}

// Check returns an Invalid error of the given field for a URL that cannot or must not be
// requested. The error contains no address.
func (c Checker) Check(ctx context.Context, field, raw string) error {
	host, port, err := parse(field, raw)
	if err != nil {
		return err
	}
	addresses, err := c.resolve(ctx, host)
	if err != nil || len(addresses) == 0 {
		return fault.Field(field, "%s must have a host that resolves", field)
	}
	for _, a := range addresses {
		if c.Guard.check(netip.AddrPortFrom(a, port)) != nil {
			return fault.Field(field, "%s must have a host on the public internet", field)
		}
	}
	return nil
}

func (c Checker) resolve(ctx context.Context, host string) ([]netip.Addr, error) {
	if literal, err := netip.ParseAddr(host); err == nil {
		return []netip.Addr{literal}, nil
	}
	ctx, cancel := context.WithTimeout(ctx, resolveTime)
	defer cancel()
	resolver := c.Resolver
	if resolver == nil {
		resolver = net.DefaultResolver
	}
	found, err := resolver.LookupNetIP(ctx, "ip", host)
	for i := range found {
		found[i] = found[i].Unmap() // the resolver writes IPv4 either way
	}
	return found, err
}

// parse returns a URL's host and port, as they will be dialled.
func parse(field, raw string) (host string, port uint16, err error) {
	u, err := url.Parse(raw)
	switch {
	case len(raw) > delivery.MaxURL || len(escape(raw)) > delivery.MaxURL:
		return "", 0, fault.Field(field, "%s must be at most %d bytes", field, delivery.MaxURL)
	case hasBrokenEscape(raw):
		return "", 0, fault.Field(field, "%s must not have a %% that begins no escape such as %%20", field)
	case err != nil:
		return "", 0, fault.Rule(field, delivery.URLRule)
	case u.Scheme != "http" && u.Scheme != "https":
		return "", 0, fault.Field(field, "%s must begin with https:// or http://", field)
	case u.User != nil:
		return "", 0, fault.Field(field, "%s must not have credentials", field)
	}
	host = u.Hostname()
	if strings.IndexFunc(host, func(r rune) bool { return r >= utf8.RuneSelf }) >= 0 {
		return "", 0, fault.Field(field, "%s must have an international host name in its ASCII form, which begins with xn--", field)
	}
	if !isHost(u.Host, host) {
		return "", 0, fault.Field(field, "%s must have a host name, a plain IPv4 address or an IPv6 address in brackets", field)
	}
	n := uint64(80)
	if u.Scheme == "https" {
		n = 443
	}
	if text := u.Port(); text != "" {
		n, err = strconv.ParseUint(text, 10, 16)
	}
	if err != nil || n == 0 {
		return "", 0, fault.Field(field, "%s must have a port from 1 to 65535, or none", field)
	}
	return host, uint16(n), nil
}

const hostAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._"

// isHost reports whether all programs parse a host alike. Some read numbers such as
// 2130706433 or 0x7f.1 as addresses.
func isHost(written, host string) bool {
	literal, err := netip.ParseAddr(host)
	switch {
	case strings.HasPrefix(written, "["):
		return err == nil && literal.Is6() && literal.Zone() == "" && !literal.Is4In6()
	case err == nil:
		return literal.Is4()
	}
	return host != "" && len(host) <= 253 && strings.Trim(host, hostAlphabet) == "" && !endsInNumber(host)
}

// endsInNumber reports whether a host's last label is a number (decimal, octal or
// hexadecimal), which the URL standard forbids for names. Prefixes and separators of
// programming languages are refused with it: 0b1, 0o7, 0x_7f.
func endsInNumber(host string) bool {
	host = strings.TrimSuffix(host, ".")
	last := strings.ToLower(host[strings.LastIndex(host, ".")+1:])
	_, err := strconv.ParseUint(last, 0, 64)
	return last == "0x" || strings.Trim(last, "0123456789") == "" || !errors.Is(err, strconv.ErrSyntax)
}
