package org

import (
	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/identity"
)

// Shape is the shape of an org in answers.
type Shape struct {
	ID             string   `json:"id"`
	Name           string   `json:"name"`
	Email          string   `json:"email"`
	AllowedOrigins []string `json:"allowed_origins"`
	CreatedAt      string   `json:"created_at"`
}

// ShapeOf returns the shape of an org.
func ShapeOf(o identity.Org) Shape {
	s := Shape{ID: o.ID, Name: o.Name, Email: o.Email, AllowedOrigins: o.AllowedOrigins, CreatedAt: wire.Date(o.CreatedAt)}
	if s.AllowedOrigins == nil {
		s.AllowedOrigins = []string{"*"}
	}
	return s
}
