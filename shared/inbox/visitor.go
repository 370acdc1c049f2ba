package inbox

import (
	"encoding/json"

	"github.com/quintet-agents/quintet/shared/clip"
)

// visitor returns what a thread keeps about its contact.
func visitor(c Contact) json.RawMessage {
	b, err := json.Marshal(struct {
		ContactID string `json:"contact_id"`
		Name      string `json:"name,omitempty"`
	}{c.ID, clip.Text(c.Name, maxVisitorName)})
	if err != nil {
		return nil // texts always encode
	}
	return b
}

const maxVisitorName = 200 // bytes
