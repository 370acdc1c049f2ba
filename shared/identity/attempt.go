package identity

import (
	"context"
	"net/netip"
	"time"
)

// Attempt counts against a limit within a window. It is an attempt to log in or a webhook that
// starts a run. A log-in that succeeds is forgiven, so that only failures count.
type Attempt struct {
	Name   string // the owner of the limit
	Limit  int
	Weight int       // what it counts as; 0: 1
	Ends   time.Time // end of the window
}

// AttemptCounter counts the attempts of all processes.
type AttemptCounter interface {
	// Attempt counts an attempt, unless the limit is reached.
	Attempt(ctx context.Context, a Attempt) (allowed bool, err error)
	// Forgive removes a counted attempt.
	Forgive(ctx context.Context, a Attempt) error
}

// The numbers of attempts that may fail in a window. They make it slow to guess one user's
// password, or to try one password on many users. The limit for one user applies to each
// source separately, so that a stranger who fails on purpose locks out only users behind
// the stranger's own address. The limit for all sources together takes a hundred sources to
// reach. A known device has its own limit, which no stranger can use up. The limit for one
// address is high enough for the typing errors of a company's users.
const (
	AttemptWindow      = 10 * time.Minute
	AttemptsPerSource  = 10   // for one user, from one source
	AttemptsPerDevice  = 10   // for one user, from a known device
	AttemptsPerEmail   = 1000 // for one user, from all sources
	AttemptsPerAddress = 100  // for all users, from one address
)

// attempts returns the limits that an attempt counts against, the narrowest first: an
// attempt that one limit refuses does not count against the later ones. So a client that
// repeats an old password does not use up the limit of others behind its address. device is
// the name of a known device, or empty.
func attempts(email, address, device string, now time.Time) []Attempt {
	ends := now.Truncate(AttemptWindow).Add(AttemptWindow)
	if device != "" {
		return []Attempt{{Name: "device " + device, Limit: AttemptsPerDevice, Ends: ends}}
	}
	return []Attempt{
		{Name: "source " + network(address, siteBits) + " " + email, Limit: AttemptsPerSource, Ends: ends},
		{Name: "email " + email, Limit: AttemptsPerEmail, Ends: ends},
		{Name: "address " + network(address, customerBits), Limit: AttemptsPerAddress, Ends: ends},
	}
}

// The sizes of IPv6 networks that count as one source. An internet customer gets at least a
// /64, and easily a /48. The source of attempts on one user is a /48, because the user is
// hardly another customer in it.
const (
	customerBits = 64
	siteBits     = 48
)

// network returns the network of an IPv6 address, with a prefix of the given number
// of bits; any other address is returned unchanged.
func network(address string, bits int) string {
	ip, err := netip.ParseAddr(address)
	if err != nil {
		return address
	}
	ip = ip.Unmap().WithZone("")
	if ip.Is4() {
		return ip.String()
	}
	prefix, err := ip.Prefix(bits)
	if err != nil {
		return address
	}
	return prefix.String()
}
