package automation

import (
	"encoding/json"
	"time"
)

// Run is one run of a published definition.
type Run struct {
	Ref
	AutomationID string
	Version      int
	Definition   Definition      // as it was published
	Trigger      json.RawMessage // {"body","headers"} or {"event"}: what templates see as trigger
	State        State
	Cause        Cause
	Depth        int // runs that led to this one by events; at most MaxDepthOfRuns
	Generation   int // grows with every re-run
	Error        *StepError
	StartedAt    time.Time
	EndedAt      time.Time // zero while it runs
}

// Ref names a run. It is the message that wakes a worker.
type Ref struct {
	OrgID string `json:"org_id"`
	ID    string `json:"run_id"` // UUIDv7, or derived from the trigger's event, so that it starts one run
}

// Org returns the org's id.
func (r Ref) Org() string { return r.OrgID }

// MaxDepthOfRuns bounds runs that are started by the events of other runs.
const MaxDepthOfRuns = 3

// State is the state of a run.
type State string

// The states of a run.
const (
	Running   State = "running"
	Waiting   State = "waiting" // for a time
	Completed State = "completed"
	Failed    State = "failed"
	Cancelled State = "cancelled"
)

// Ended reports whether a run in this state has ended.
func (s State) Ended() bool { return s == Completed || s == Failed || s == Cancelled }

// Cause is what started a run.
type Cause string

// The causes.
const (
	ByWebhook  Cause = "webhook"
	BySchedule Cause = "schedule"
	ByEvent    Cause = "event"
)

// StepError is the error that ended a run, or an attempt of a step.
type StepError struct {
	Step    string `json:"step"` // path of the step
	Message string `json:"message"`
}

// Execution is the record of a step in a run.
type Execution struct {
	Path       string // the step's id, within a for_each "id[3].child"
	Generation int
	State      StepState
	Attempts   int
	Input      json.RawMessage // as rendered, secrets masked
	Output     json.RawMessage // what templates see as steps.<id>
	Error      string
	BegunAt    time.Time
	EndedAt    time.Time
}

// StepState is the state of a step in a run.
type StepState string

// The states of a step. Unknown is a send that was cut off: it may have reached its receiver
// and is not repeated.
const (
	StepBegun   StepState = "begun"
	StepDone    StepState = "done"
	StepFailed  StepState = "failed"
	StepSkipped StepState = "skipped"
	StepUnknown StepState = "unknown"
)
