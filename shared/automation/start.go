package automation

import (
	"crypto/sha256"
	"encoding/json"
	"strings"
	"time"

	"github.com/quintet-agents/quintet/shared/delivery"
)

// Start returns the run that a trigger of a published automation starts. It has the definition
// with its secrets as published, so later changes of the automation do not change it.
func (a Automation) Start(id string, by Cause, trigger json.RawMessage, now time.Time) Run {
	return Run{
		Ref: Ref{OrgID: a.OrgID, AutomationID: a.ID, ID: id}, Name: a.Name, Version: a.Published.Version,
		Definition: a.Published.Definition, Secrets: a.Published.Secrets,
		Trigger: trigger, State: Running, Cause: by, StartedAt: now,
	}
}

// Size returns how many bytes a run of the draft stores beside its trigger: the definition and the
// secrets.
func (d Draft) Size() (int, error) {
	definition, err := Encode(d.Definition)
	size := len(definition)
	for name, sealed := range d.Secrets {
		size += len(name) + len(sealed)
	}
	return size, err
}

// RunID returns the id of the run that an automation starts for a cause, such as an event. A
// repetition of the cause has the same id, so it starts no second run. Ids sort by the time of the
// cause, like those of NewID.
func RunID(at time.Time, automationID, cause string) string {
	digest := sha256.Sum256([]byte(strings.Join([]string{automationID, cause}, "\n")))
	return delivery.IDAt(at, [10]byte(digest[:]))
}
