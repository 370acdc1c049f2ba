package identity

import (
	"context"
	"net/netip"
	"time"
)

// Attempt is a try to log in that counts against a limit. Those that succeed
// are taken back, so that only failures add up.
type Attempt struct {
	Name  string // whose limit it is
	Limit int
	Ends  time.Time // of the window that it counts in
}

// AttemptCounter counts attempts of all processes.
type AttemptCounter interface {
	// Attempt counts one more, unless the limit is reached.
	Attempt(ctx context.Context, a Attempt) (allowed bool, err error)
	// Forgive takes one back.
	Forgive(ctx context.Context, a Attempt) error
}

// How many attempts may fail in a window. Guessing one user's password is slow,
// and so is trying one password on many users. The bound for one user is that of
// one source, so that a stranger who fails on purpose locks out only users behind
// the stranger's own address. All sources together have a bound that takes a hundred
// sources to reach. A device that the user has logged in from before has a count of
// its own, which no stranger can use up. The bound for one address is high enough
// for the typing errors of a company's many users.
const (
	AttemptWindow      = 10 * time.Minute
	AttemptsPerSource  = 10   // for one user, from one source
	AttemptsPerDevice  = 10   // for one user, from a known device
	AttemptsPerEmail   = 1000 // for one user, from all sources
	AttemptsPerAddress = 100  // for all users, from one address
)

// attempts returns the counts that an attempt is part of, the narrowest limit first:
// an attempt that one refuses does not count against those behind it. So one client
// that repeats an old password leaves theirs to the others behind its address. device
// is the name of a known device, or empty.
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

// The widths of IPv6 networks that count as one source. A customer gets at least a
// /64, and easily a /48. The source of attempts on one user is a /48: the other
// customers in it hardly are that user.
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
