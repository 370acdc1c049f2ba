package webhook

import (
	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/delivery"
)

type webhookShape struct {
	ID             string   `json:"id"`
	URL            string   `json:"url"`
	Events         []string `json:"events"`
	Status         string   `json:"status"`
	DisabledReason *string  `json:"disabled_reason"` // null unless the service has disabled it
	Description    *string  `json:"description"`
	CreatedAt      string   `json:"created_at"`
	Secret         string   `json:"secret,omitempty"` // only in the answer to its creation
}

// A webhook's status.
const (
	enabled  = "enabled"
	disabled = "disabled"
)

func shapeOfWebhook(e delivery.Webhook) webhookShape {
	s := webhookShape{
		ID: e.ID, URL: e.URL, Events: e.Events, Status: enabled, DisabledReason: wire.Nullable(string(e.Reason)),
		Description: wire.Nullable(e.Description), CreatedAt: wire.Date(e.CreatedAt), Secret: e.Secret,
	}
	if e.Disabled {
		s.Status = disabled
	}
	return s
}
