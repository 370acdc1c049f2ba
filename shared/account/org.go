package account

import "time"

// Org is a customer: the owner of agents, threads, keys and a balance.
type Org struct {
	ID        string // UUIDv7
	Name      string
	Email     string // its first owner's
	CreatedAt time.Time
}
