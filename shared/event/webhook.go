package event

import (
	"time"

	"github.com/quintet-agents/quintet/shared/delivery"
)

// ofWebhook tells that we have disabled a webhook. It is a connection as well
// as a channel's is, and what its owner does to it they know.
func ofWebhook(before, after delivery.Webhook, record string, at time.Time) Happening {
	if before.Disabled || !after.Disabled || after.Reason == "" {
		return Happening{}
	}
	return one(after.OrgID, at, Event{ID: eventID(record, "disabled"), Type: ConnectionDisabled, At: at, Data: Data{
		OrgID: after.OrgID, Connection: &Connection{ID: after.ID, Type: "webhook", Reason: string(after.Reason)},
	}})
}
