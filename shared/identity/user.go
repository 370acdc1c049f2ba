package identity

import (
	"time"

	"github.com/quintet-agents/quintet/shared/fault"
)

// Role selects a user's rights in an org.
type Role string

// The roles.
const (
	Owner  Role = "owner"  // everything
	Member Role = "member" // everything but keys, members and settings
)

// Roles are all roles.
var Roles = []Role{Owner, Member}

// User is a member of an org.
type User struct {
	ID        string // the user's id in the directory
	OrgID     string
	Email     string // in lower case
	Role      Role
	CreatedAt time.Time
	RemovedAt time.Time            // zero: still a member
	Ended     map[string]time.Time // sessions that ended early, with their expiry
}

// ErrNoMember is the error for a user who does not exist, was removed, or belongs to another
// org.
var ErrNoMember = fault.New(fault.NotFound, "Member not found")

// Session has the claims of a verified session token.
type Session struct {
	ID        string
	UserID    string
	ExpiresAt time.Time
}
