package event

import (
	"fmt"
	"time"
)

// EndedRun is a run of an automation that has completed or failed.
type EndedRun struct {
	ID           string
	OrgID        string
	AutomationID string
	Name         string // of the automation; may be empty
	Reruns       int    // a re-run ends again
	At           time.Time
	State        string    // completed or failed
	Error        *RunError // nil if it completed
}

// stateFailed is the state of a run that has failed.
const stateFailed = "failed"

type (
	// Automation is an automation whose run has ended.
	Automation struct {
		ID   string `json:"id"`
		Name string `json:"name,omitempty"`
	}
	// Run is a run that has ended.
	Run struct {
		ID    string    `json:"id"`
		State string    `json:"state"`
		Error *RunError `json:"error,omitempty"`
	}
	// RunError is why a run has failed.
	RunError struct {
		Step    string `json:"step,omitempty"` // path of the step; empty if no step is the reason
		Message string `json:"message"`
	}
)

// ofRun returns the event of a run that has ended.
func ofRun(r EndedRun) Happening {
	kind := RunCompleted
	if r.State == stateFailed {
		kind = RunFailed
	}
	return one(r.OrgID, r.At, Event{ID: eventID(r.ID, fmt.Sprintf("ended_%d", r.Reruns)), Type: kind, At: r.At, Data: Data{
		OrgID: r.OrgID, Automation: &Automation{ID: r.AutomationID, Name: r.Name}, Run: &Run{ID: r.ID, State: r.State, Error: r.Error},
	}})
}
