// Package automation holds automations: a trigger, and steps that run after it. A definition
// is checked when it is saved. A run keeps its state in rows, so that a worker that is killed
// is followed by another one, and no finished step runs twice.
package automation

import (
	"time"

	"github.com/google/uuid"
)

// Automation is an automation of an org. Its draft is what people edit, and its published
// definition is what runs.
type Automation struct {
	ID        string // UUIDv7, so that ids sort by creation
	OrgID     string
	Name      string
	Draft     Definition
	Published *Published // nil until somebody publishes it
	Disabled  bool       // triggers start no runs
	Secrets   Secrets
	CreatedAt time.Time
	UpdatedAt time.Time
	Revision  int64 // grows with every change; writes of a stale revision fail
}

// Published is a definition that was published.
type Published struct {
	Definition
	Version int // 1, 2, 3, ...
	At      time.Time
}

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
