package key

import (
	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/identity"
)

type keyShape struct {
	ID        string  `json:"id"`
	Name      string  `json:"name"`
	Prefix    string  `json:"prefix"`
	AgentID   *string `json:"agent_id"` // null when it is not bound
	Hint      string  `json:"hint"`     // its last four characters
	CreatedAt string  `json:"created_at"`
	Key       string  `json:"key,omitempty"` // once, when it is minted
}

func shapeOfKey(k identity.Key) keyShape {
	return keyShape{
		ID: k.ID, Name: k.Name, Prefix: k.Prefix, AgentID: wire.Nullable(k.AgentID), Hint: k.Hint,
		CreatedAt: wire.Date(k.CreatedAt), Key: k.Secret,
	}
}
