package identity

import (
	"time"

	"github.com/quintet-agents/quintet/shared/fault"
)

// Role is what a user may do in an org.
type Role string

// The roles.
const (
	Owner  Role = "owner"  // everything
	Member Role = "member" // everything but keys, members and settings
)

// Roles are all roles.
var Roles = []Role{Owner, Member}

// User is a member of an org, who logs in.
type User struct {
	ID        string // what the directory of users calls them
	OrgID     string
	Email     string // in lower case
	Role      Role
	CreatedAt time.Time
	RemovedAt time.Time            // zero while they are a member
	Ended     map[string]time.Time // sessions that ended early, and when they would have expired
}

// ErrNoMember is the error for a user who does not exist, was removed, or belongs to another
// org.
var ErrNoMember = fault.New(fault.NotFound, "Member not found")

// Session is what a verified session token says.
type Session struct {
	ID        string
	UserID    string
	ExpiresAt time.Time
}
