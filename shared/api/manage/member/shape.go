package member

import (
	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/identity"
)

type memberShape struct {
	ID        string        `json:"id"`
	Email     string        `json:"email"`
	Role      identity.Role `json:"role"`
	CreatedAt string        `json:"created_at"`
}

func shapeOfMember(u identity.User) memberShape {
	return memberShape{ID: u.ID, Email: u.Email, Role: u.Role, CreatedAt: wire.Date(u.CreatedAt)}
}
