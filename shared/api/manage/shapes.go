package manage

import (
	"net/http"
	"time"

	"github.com/quintet-agents/quintet/shared/account"
	"github.com/quintet-agents/quintet/shared/api/wire"
)

// success is the envelope of every answer that is not an error.
type success struct {
	Success    bool        `json:"success"`
	Data       any         `json:"data"`
	Pagination *pagination `json:"pagination,omitempty"`
}

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

type deleted struct {
	Deleted bool `json:"deleted"`
}

func shapeOfOrg(o account.Org) orgShape {
	s := orgShape{ID: o.ID, Name: o.Name, Email: o.Email, AllowedOrigins: o.AllowedOrigins, CreatedAt: date(o.CreatedAt)}
	if s.AllowedOrigins == nil {
		s.AllowedOrigins = []string{"*"}
	}
	return s
}

func shapeOfMember(u account.User) memberShape {
	return memberShape{ID: u.ID, Email: u.Email, Role: u.Role, CreatedAt: date(u.CreatedAt)}
}

func shapeOfKey(k account.Key) keyShape {
	s := keyShape{ID: k.ID, Name: k.Name, Prefix: k.Prefix, Hint: k.Hint, CreatedAt: date(k.CreatedAt), Key: k.Secret}
	if k.AgentID != "" {
		s.AgentID = &k.AgentID
	}
	return s
}

// date is how the surface prints a time: to the second, in UTC.
func date(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// ok is the answer to a change that was made.
func ok(status int, data any) wire.Answer {
	return wire.Answer{Status: status, Body: success{Success: true, Data: data}}
}

func show(w http.ResponseWriter, data any) error {
	return wire.JSON(w, http.StatusOK, success{Success: true, Data: data})
}
