// Package manage speaks the API that is our own: logging in, the org, its
// members and keys, in the same envelope as Flametalk's.
package manage

import (
	"github.com/quintet-agents/quintet/shared/account"
	"github.com/quintet-agents/quintet/shared/api/wire"
)

type orgShape struct {
	ID             string   `json:"id"`
	Name           string   `json:"name"`
	Email          string   `json:"email"`
	AllowedOrigins []string `json:"allowed_origins"`
	CreatedAt      string   `json:"created_at"`
}

type memberShape struct {
	ID        string       `json:"id"`
	Email     string       `json:"email"`
	Role      account.Role `json:"role"`
	CreatedAt string       `json:"created_at"`
}

type keyShape struct {
	ID        string  `json:"id"`
	Name      string  `json:"name"`
	Prefix    string  `json:"prefix"`
	AgentID   *string `json:"agent_id"` // null when it is not bound
	Hint      string  `json:"hint"`     // its last four characters
	CreatedAt string  `json:"created_at"`
	Key       string  `json:"key,omitempty"` // once, when it is minted
}

func shapeOfOrg(o account.Org) orgShape {
	s := orgShape{ID: o.ID, Name: o.Name, Email: o.Email, AllowedOrigins: o.AllowedOrigins, CreatedAt: wire.Date(o.CreatedAt)}
	if s.AllowedOrigins == nil {
		s.AllowedOrigins = []string{"*"}
	}
	return s
}

func shapeOfMember(u account.User) memberShape {
	return memberShape{ID: u.ID, Email: u.Email, Role: u.Role, CreatedAt: wire.Date(u.CreatedAt)}
}

func shapeOfKey(k account.Key) keyShape {
	return keyShape{
		ID: k.ID, Name: k.Name, Prefix: k.Prefix, AgentID: wire.Nullable(k.AgentID), Hint: k.Hint,
		CreatedAt: wire.Date(k.CreatedAt), Key: k.Secret,
	}
}
