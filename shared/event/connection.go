package event

import (
	"fmt"
	"time"

	"github.com/quintet-agents/quintet/shared/connection"
)

// ofConnection returns the event of a connection that the service disabled, or that its
// provider refuses. Changes that its owner made cause no event.
func ofConnection(before, after connection.Connection, at time.Time) Happening {
	if before.Stops() || !after.Stops() || after.Reason == connection.ByOwner {
		return Happening{}
	}
	reason := after.Reason
	if !after.Disabled {
		reason = connection.ProviderRefused
	}
	return one(after.OrgID, at, Event{
		ID: eventID(after.ID, fmt.Sprintf("disabled_%d", after.Revision)), Type: ConnectionDisabled, At: at, Data: Data{
			OrgID: after.OrgID, AgentID: &after.AgentID, Channel: string(after.Channel),
			Connection: &Connection{ID: after.ID, Type: string(after.Channel), Reason: string(reason)},
		},
	})
}
