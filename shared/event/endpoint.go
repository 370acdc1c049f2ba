package event

import (
	"time"

	"github.com/quintet-agents/quintet/shared/delivery"
)

// ofEndpoint tells that we have disabled an endpoint. It is a connection as well
// as a channel's is, and what its owner does to it they know.
func ofEndpoint(before, after delivery.Endpoint, record string, at time.Time) Happening {
	if before.Disabled || !after.Disabled || after.Reason == "" {
		return Happening{}
	}
	return one(after.OrgID, at, Event{ID: eventID(record, "disabled"), Type: ConnectionDisabled, At: at, Data: Data{
		OrgID: after.OrgID, Connection: &Connection{ID: after.ID, Type: "webhook", Reason: string(after.Reason)},
	}})
}
