package automation

import (
	"encoding/json"
	"time"
)

// Start returns the run that a trigger of a published automation starts. It has the definition
// with its secrets as published, so later changes of the automation do not change it.
func (a Automation) Start(id string, by Cause, trigger json.RawMessage, now time.Time) Run {
	return Run{
		Ref: Ref{OrgID: a.OrgID, AutomationID: a.ID, ID: id}, Version: a.Published.Version,
		Definition: a.Published.Definition, Secrets: a.Published.Secrets,
		Trigger: trigger, State: Running, Cause: by, StartedAt: now,
	}
}
