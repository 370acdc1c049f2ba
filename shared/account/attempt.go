package account

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
// and so is trying one password on many users; the many users of one company
// behind one address are not kept out by each other's typing errors.
const (
	AttemptWindow      = 10 * time.Minute
	AttemptsPerEmail   = 10
	AttemptsPerAddress = 100
)

// attempts returns what a try counts against.
func attempts(email, address string, now time.Time) []Attempt {
	ends := now.Truncate(AttemptWindow).Add(AttemptWindow)
	return []Attempt{
		{Name: "address " + network(address), Limit: AttemptsPerAddress, Ends: ends},
		{Name: "email " + email, Limit: AttemptsPerEmail, Ends: ends},
	}
}

// network is who has an address: of IPv6 a customer gets a /64 at least.
func network(address string) string {
	ip, err := netip.ParseAddr(address)
	if err != nil {
		return address
	}
	ip = ip.Unmap().WithZone("")
	if ip.Is4() {
		return ip.String()
	}
	prefix, err := ip.Prefix(64)
	if err != nil {
		return address
	}
	return prefix.String()
}
