package automation

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/quintet-agents/quintet/shared/fault"
)

// Run is one run of a published definition.
type Run struct {
	Ref
	Name       string // of the automation when the run started
	Version    int
	Definition Definition      // as it was published
	Secrets    Secrets         // of the definition, sealed
	Trigger    json.RawMessage // {"body","headers"} or {"event"}: what templates see as trigger
	State      State
	Cause      Cause
	Generation int    // grows with every re-run
	From       string // path of the step that the latest re-run began with; empty: none
	Cancelled  bool   // somebody asked it to stop, or deleted its automation
	Error      *StepError
	StartedAt  time.Time
	EndedAt    time.Time // zero while it runs
	Claims     int       // how often a worker has taken it
	Lease      string    // of the worker that has it
}

// Ref names a run. It is the message that wakes a worker.
type Ref struct {
	OrgID        string `json:"org_id"`
	AutomationID string `json:"automation_id"`
	ID           string `json:"run_id"` // UUIDv7, or derived from the trigger's event, so that it starts one run
}

// Org returns the org's id.
func (r Ref) Org() string { return r.OrgID }

// The times of a run. A run that would last longer, with its waits and re-runs, fails.
const (
	MaxAge = 60 * 24 * time.Hour
	Kept   = MaxAge + 30*24*time.Hour // from its start
)

// MaxReruns bounds the re-runs of a run: each leaves rows that every worker of the run reads.
const MaxReruns = 100

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

// States are all states of a run.
var States = []State{Running, Waiting, Completed, Failed, Cancelled}

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
	Until      time.Time // of a wait, or of the pause before the next attempt
	BegunAt    time.Time
	EndedAt    time.Time
}

// Attempting reports whether an attempt of the step is about to be made.
func (e Execution) Attempting() bool {
	return e.State == StepBegun && e.Attempts > 0 && e.Until.IsZero()
}

// EffectID is the idempotency id of a step's effect. It belongs to the intent, not to the
// attempt: it is the same however often the step is tried.
func (r Run) EffectID(path string) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\n%s\n%s\n%d", r.OrgID, r.ID, path, r.Generation))
	return "step_" + base64.RawURLEncoding.EncodeToString(sum[:24])
}

// StepState is the state of a step in a run.
type StepState string

// The states of a step. Unknown is a send that was cut off: it may have reached its receiver
// and is not repeated.
const (
	StepBegun   StepState = "begun"
	StepDone    StepState = "done"
	StepFailed  StepState = "failed"
	StepUnknown StepState = "unknown"
)

// FromRule says what a re-run can begin with.
const FromRule = "must be the path of a step that the run has begun"

// Errors of runs.
var (
	ErrNoRun     = fault.New(fault.NotFound, "Run not found")
	ErrCancelled = errors.New("the run was cancelled") // for its worker
	ErrRunEnded  = fault.New(fault.Conflict, "The run has ended")
	ErrRunning   = fault.New(fault.Conflict, "The run has not ended: cancel it first")
	ErrTooOld    = fault.New(fault.Conflict, "The run started more than %d days ago: it cannot be run again", int(MaxAge.Hours()/24))
	ErrTooOften  = fault.New(fault.Conflict, "The run was run again %d times: it cannot be run again", MaxReruns)
	ErrFromStep  = fault.Rule("from_step", FromRule)
)
