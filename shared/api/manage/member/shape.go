package member

import (
	"github.com/quintet-agents/quintet/shared/account"
	"github.com/quintet-agents/quintet/shared/api/wire"
)

type memberShape struct {
	ID        string       `json:"id"`
	Email     string       `json:"email"`
	Role      account.Role `json:"role"`
	CreatedAt string       `json:"created_at"`
}

func shapeOfMember(u account.User) memberShape {
	return memberShape{ID: u.ID, Email: u.Email, Role: u.Role, CreatedAt: wire.Date(u.CreatedAt)}
}
