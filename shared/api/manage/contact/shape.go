// Package contact shows and changes contacts: the people who write over a connection.
package contact

import (
	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/inbox"
)

// Shape is how a contact is shown.
type Shape struct {
	ID           string  `json:"id"`
	ConnectionID string  `json:"connection_id"`
	Channel      string  `json:"channel"`
	Name         *string `json:"name"`    // null while it is unknown
	Address      *string `json:"address"` // null while the person hides it
	UserID       *string `json:"user_id"` // null on channels without one
	OptedOut     bool    `json:"opted_out"`
	LastSeen     *string `json:"last_seen"`  // null before the first message
	WindowEnd    *string `json:"window_end"` // null if there is no window
	CreatedAt    string  `json:"created_at"`
}

// ShapeOf returns how a contact is shown.
func ShapeOf(c inbox.Contact) Shape {
	s := Shape{
		ID: c.ID, ConnectionID: c.ConnectionID, Channel: string(c.Channel), Name: wire.Nullable(c.Name),
		Address: wire.Nullable(c.Person.Address), UserID: wire.Nullable(c.Person.UserID), OptedOut: c.OptedOut,
		LastSeen: wire.NullableDate(c.LastSeen), CreatedAt: wire.Date(c.CreatedAt),
	}
	if !c.LastSeen.IsZero() {
		s.WindowEnd = wire.NullableDate(c.WindowEnd())
	}
	return s
}
