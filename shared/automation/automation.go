// Package automation holds automations: a trigger, and steps that run after it. A definition
// is checked when it is saved. A run keeps its state in rows, so that a worker that is killed
// is followed by another one, and no finished step runs twice.
package automation

import (
	"errors"
	"time"

	"github.com/google/uuid"

	"github.com/quintet-agents/quintet/shared/fault"
)

// Automation is an automation of an org. Its draft is what people edit, and its published
// definition is what runs.
type Automation struct {
	ID        string // UUIDv7, so that ids sort by creation
	OrgID     string
	Name      string
	Draft     Draft
	Published *Published // nil until somebody publishes it
	Disabled  bool       // triggers start no runs
	Due       time.Time  // of the next run of a schedule; zero: none
	CreatedAt time.Time
	UpdatedAt time.Time
	Revision  int64 // grows with every change; writes of a stale revision fail
}

// Live returns the trigger that starts runs. It is zero for an automation that was not
// published or is disabled.
func (a Automation) Live() Trigger {
	if a.Published == nil || a.Disabled {
		return Trigger{}
	}
	return a.Published.Trigger
}

// Path returns the path of the published webhook trigger, or empty. A disabled automation keeps
// its path.
func (a Automation) Path() string {
	if a.Published == nil {
		return ""
	}
	return a.Published.Trigger.Path
}

// Draft is a definition with the secrets that it names.
type Draft struct {
	Definition

	Secrets Secrets
}

// Published is a draft that was published.
type Published struct {
	Draft

	Version int // 1, 2, 3, ...
	At      time.Time
}

// MaxAutomations bounds the automations of an org.
const MaxAutomations = 100

// Errors of automations.
var (
	ErrNotFound  = fault.New(fault.NotFound, "Automation not found")
	ErrTooMany   = fault.New(fault.Conflict, "An organisation can have at most %d automations", MaxAutomations)
	ErrPathTaken = fault.Rule("trigger.path", "must be a path that no other automation has")
)

// ErrUnreadable is the error of an automation whose stored definition this version of the service
// cannot read. It stays so until somebody repairs the row.
var ErrUnreadable = errors.New("the stored definition of the automation cannot be read")

// Secrets are sealed values by name: VerifySecret for the trigger's secret, and
// HeaderSecret(step, header) for the secret headers of steps. Plain values are never stored,
// shown or logged.
type Secrets map[string][]byte

// VerifySecret is the name of the secret that verifies the requests of a webhook trigger.
const VerifySecret = "verify"

// HeaderSecret returns the name of the secret value of a step's header.
func HeaderSecret(stepID, header string) string { return "header/" + stepID + "/" + header }

// NewID mints the id of an automation.
func NewID() string { return uuid.Must(uuid.NewV7()).String() }
