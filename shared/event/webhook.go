package event

import (
	"time"

	"github.com/quintet-agents/quintet/shared/delivery"
)

// ofWebhook returns the event of a webhook that the service disabled. Changes that the
// owner made cause no event.
func ofWebhook(before, after delivery.Webhook, record string, at time.Time) Happening {
	if before.Disabled || !after.Disabled || after.Reason == "" {
		return Happening{}
	}
	return one(after.OrgID, at, Event{ID: eventID(record, "disabled"), Type: ConnectionDisabled, At: at, Data: Data{
		OrgID: after.OrgID, Connection: &Connection{ID: after.ID, Type: "webhook", Reason: string(after.Reason)},
	}})
}
