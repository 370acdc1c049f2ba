// Package job runs a turn later than its request: the request is acknowledged once
// the job is stored, and the outcome goes to a URL.
//
// An Intake checks and stores a Job and wakes a Worker. The Worker takes a lease on
// the job and one of the org's slots, runs the turn under an idempotency key of the
// job's own, and stores the outcome as a delivery in the transaction that ends the
// job. A process may die at any point: the sweep of package work wakes another
// worker, and the key makes any number of runs one turn and one charge.
//
// The package knows no surface: the body of an outcome is made by a Report, which the
// surface supplies. It sends nothing to customers either; package delivery does.
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

	Shard int    // the part of the account that counts the job while it waits
	Runs  int    // how many runs have begun
	Lease string // of the worker that runs it
}

// LeaseTime is how long a worker's lease on a job lasts without being renewed. When
// the worker dies, another one can take the job after that.
const LeaseTime = 15 * time.Second

// claimTime is how long a run's claim on the turn's key lasts without being renewed.
// It lapses before the job's lease, so that the next run does not wait twice.
const claimTime = 10 * time.Second

// Turn returns the input of the job's turn, under a key of the job's own: any number
// of runs have one effect.
func (j Job) Turn() (turn.Input, error) {
	key, err := idempotency.New(j.OrgID, "JOB", j.ID, j.ID, nil)
	in := j.Input
	in.Once, in.OnceFor = &key, claimTime
	in.Counted = true // when it was accepted
	return in, err
}

// Outcome returns the delivery of a job's outcome.
func (j Job) Outcome(body []byte, at time.Time) delivery.Delivery {
	return delivery.Delivery{
		Ref:     delivery.Ref{OrgID: j.OrgID, Target: delivery.Callbacks, ID: delivery.NewID()},
		EventID: "msg_" + j.ID, Type: "callback", URL: j.URL, Body: body, CreatedAt: at, Status: delivery.Pending, NextAt: at,
	}
}
