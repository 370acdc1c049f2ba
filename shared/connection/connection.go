// Package connection holds an org's connections: each joins one agent to one account of a
// channel, such as a WhatsApp number or a mail address.
//
// A Connection is what the org sees and manages. Its Credentials are split when they are
// given: identifiers, which name the account at its provider, stay readable; secrets are
// sealed one by one and never shown again. Guide says what to paste where in the provider's
// console. Receiving and sending messages is not this package's: it only knows whether a
// connection may.
package connection

import (
	"time"

	"github.com/google/uuid"

	"github.com/quintet-agents/quintet/shared/fault"
)

// MaxConnections is how many connections an org can have. The deletion of an agent disables
// its connections in one transaction, which has room for no more than 100 rows.
const MaxConnections = 20

// Connection joins an agent to an account of a channel.
type Connection struct {
	ID          string // UUIDv7, so that ids sort by creation
	OrgID       string
	AgentID     string
	Channel     Channel
	Name        string
	Identifiers map[string]string // of the account at its provider, such as phone_number_id
	Settings    Settings
	Disabled    bool
	Reason      Reason   // why it is disabled
	Problem     *Problem // nil: none is known

	// Verification is the latest one, nil if there was none with these credentials.
	Verification *Verification

	Credentials int // counts the versions of the credentials, from 1
	RotatedAt   time.Time
	CreatedAt   time.Time
	UpdatedAt   time.Time
	Revision    int64 // grows with every change; writes of a stale revision fail
}

// NewID returns an id for a connection.
func NewID() string { return uuid.Must(uuid.NewV7()).String() }

// Status is the state of a connection.
type Status string

// A connection is active until it is disabled, or until its provider refuses it.
const (
	Active         Status = "active"
	NeedsAttention Status = "needs_attention"
	Disabled       Status = "disabled"
)

// Status returns the state of the connection.
func (c Connection) Status() Status {
	switch {
	case c.Disabled:
		return Disabled
	case c.Problem != nil:
		return NeedsAttention
	}
	return Active
}

// Reason is why a connection is disabled.
type Reason string

// The reasons.
const (
	ByOwner      Reason = "owner"         // a request of the org
	AgentDeleted Reason = "agent_deleted" // its agent is gone

	// ProviderRefused is the reason of the event for a connection that is not disabled, and
	// over which nothing can be sent until its owner acts.
	ProviderRefused Reason = "provider_refused"
)

// Owner names a connection and its channel. Secrets are sealed for one owner and do not open
// for another.
type Owner struct {
	OrgID        string
	ConnectionID string
	Channel      Channel
}

// Owner returns the owner of the connection's secrets.
func (c Connection) Owner() Owner {
	return Owner{OrgID: c.OrgID, ConnectionID: c.ID, Channel: c.Channel}
}

// accountField names the identifier of each channel that its webhooks carry.
var accountField = map[Channel]string{
	WhatsApp: "phone_number_id", Instagram: "account_id", Messenger: "page_id", Twilio: "from", Email: "address",
}

// Account returns the provider's id of the account: a phone number id, a page, an Instagram
// account, a Twilio number or a mail address.
func (c Connection) Account() string { return c.Identifiers[accountField[c.Channel]] }

// Disable returns the connection as it is disabled for a reason. One that is disabled already
// keeps its first reason.
func (c Connection) Disable(why Reason, now time.Time) Connection {
	if !c.Disabled {
		c.Disabled, c.Reason, c.UpdatedAt = true, why, now
	}
	return c
}

// Errors of connections.
var (
	ErrNotFound = fault.New(fault.NotFound, "Connection not found")
	ErrTooMany  = fault.New(fault.Conflict, "An organisation can have at most %d connections", MaxConnections)
	ErrNoAgent  = fault.New(fault.Conflict, "The agent of this connection was deleted; name another agent_id")
)
