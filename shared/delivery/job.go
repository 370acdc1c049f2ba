package delivery

import (
	"time"

	"github.com/quintet-agents/quintet/shared/idempotency"
	"github.com/quintet-agents/quintet/shared/turn"
)

// JobRef names a job.
type JobRef struct {
	OrgID string `json:"org"`
	ID    string `json:"job"`
}

// Org returns the id of the job's org.
func (r JobRef) Org() string { return r.OrgID }

// Job is a turn that is run later, and whose outcome goes to a URL.
type Job struct {
	JobRef
	Input     turn.Input // without what runs it once
	URL       string
	CreatedAt time.Time

	Runs  int    // how often it was begun
	Lease string // of the worker that is at it
}

// RunTime is how long a worker keeps a job without a sign of life; one that
// died leaves it to the next then.
const RunTime = 15 * time.Second

// claimTime is how long a turn keeps its key from the next run. It is over when
// the job's lease is, so that nobody waits twice.
const claimTime = 10 * time.Second

// Turn returns what the engine is to run. However often it is run, it has its
// effect once.
func (j Job) Turn() (turn.Input, error) {
	key, err := idempotency.New(j.OrgID, "JOB", j.ID, j.ID, nil)
	in := j.Input
	in.Once, in.OnceFor = &key, claimTime
	return in, err
}

// Outcome returns the delivery of what came of a job.
func (j Job) Outcome(body []byte, at time.Time) Delivery {
	return Delivery{
		Ref:     Ref{OrgID: j.OrgID, Target: Callbacks, ID: NewID()},
		EventID: "msg_" + j.ID, Type: "callback", URL: j.URL, Body: body, CreatedAt: at, Status: Pending, NextAt: at,
	}
}
