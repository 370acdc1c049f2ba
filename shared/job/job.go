// Package job runs turns in the background: the request is acknowledged once the job
// is stored, and the outcome is sent to a URL later.
//
// An Intake checks and stores a Job and wakes a Worker. The Worker takes a lease on
// the job and one of the org's slots, runs the turn under an idempotency key that is
// derived from the job's id, and stores the outcome as a delivery in the transaction
// that ends the job. A process may die at any point: the sweep of package work wakes
// another worker, and because of the key, any number of runs are one turn and one
// charge.
//
// The package knows no surface: each surface supplies a Report, which returns the body
// of an outcome. Package delivery sends the outcomes.
package job

import (
	"time"

	"github.com/quintet-agents/quintet/shared/delivery"
	"github.com/quintet-agents/quintet/shared/idempotency"
	"github.com/quintet-agents/quintet/shared/turn"
)

// Ref names a job.
type Ref struct {
	OrgID string `json:"org"`
	ID    string `json:"job"`
}

// Org returns the id of the job's org.
func (r Ref) Org() string { return r.OrgID }

// Job is a turn that runs later, and whose outcome goes to a URL.
type Job struct {
	Ref
	Input     turn.Input // without an idempotency key
	URL       string
	CreatedAt time.Time

	Shard int    // the part of the account that counts the waiting job
	Runs  int    // number of runs that have begun
	Lease string // id of the running worker's lease
}

// LeaseTime is the duration of a worker's lease on a job without renewal. If the
// worker dies, another one can then take the job.
const LeaseTime = 15 * time.Second

// claimTime is the duration of a run's claim on the turn's key without renewal. The
// claim expires before the job's lease, so that the next run does not wait twice.
const claimTime = 10 * time.Second

// Key returns the idempotency key of the job's turn.
func (j Job) Key() (idempotency.Key, error) {
	return idempotency.New(j.OrgID, "JOB", j.ID, j.ID, nil)
}

// Turn returns the input of the job's turn. Its idempotency key is derived from the
// job, so any number of runs take effect once.
func (j Job) Turn() (turn.Input, error) {
	key, err := j.Key()
	in := j.Input
	in.Once, in.OnceFor = &key, claimTime
	in.Counted = true // when the job was accepted
	return in, err
}

// Outcome returns the delivery of a job's outcome.
func (j Job) Outcome(body []byte, at time.Time) delivery.Delivery {
	return delivery.Delivery{
		Ref:     delivery.Ref{OrgID: j.OrgID, Target: delivery.Callbacks, ID: delivery.NewID()},
		EventID: "msg_" + j.ID, Type: "callback", URL: j.URL, Body: body, CreatedAt: at, Status: delivery.Pending, NextAt: at,
	}
}
