package account

import "time"

// Org is a customer: the owner of agents, threads, keys and a balance.
type Org struct {
	ID             string // UUIDv7
	Name           string
	Email          string   // its first owner's
	AllowedOrigins []string // that may read answers to their pages' requests; any until it is set
	CreatedAt      time.Time
}
