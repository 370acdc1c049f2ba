package identity

import "github.com/quintet-agents/quintet/shared/fault"

// Caller is who a request speaks for: a key, or a user with a session.
type Caller struct {
	OrgID   string
	KeyID   string // empty for a user
	AgentID string // the only agent it may speak to; empty when it is not bound
	UserID  string // empty for a key
	Role    Role   // of a user; empty for a key
}

// ID returns the id of the key or the user.
func (c Caller) ID() string {
	if c.UserID != "" {
		return c.UserID
	}
	return c.KeyID
}

// May reports an error unless the caller may use the given agent of its org.
func (c Caller) May(agentID string) error {
	if c.AgentID != "" && c.AgentID != agentID {
		return fault.New(fault.Forbidden, "This key belongs to another agent")
	}
	return nil
}

// MayManage reports an error for a key that is bound to an agent: such a key
// only chats and reads its agent.
func (c Caller) MayManage() error {
	if c.AgentID != "" {
		return fault.New(fault.Forbidden, "This key is bound to one agent and may only chat with it")
	}
	return nil
}

// MayOwn reports an error unless the caller is an owner with a session: only
// owners mint and revoke keys, and change members and settings.
func (c Caller) MayOwn() error {
	switch {
	case c.UserID == "":
		return fault.New(fault.Forbidden, "This needs the session of an owner, not a key")
	case c.Role != Owner:
		return fault.New(fault.Forbidden, "Only owners may do this")
	}
	return nil
}
