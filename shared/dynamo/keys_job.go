package dynamo

import (
	"strings"

	"github.com/quintet-agents/quintet/shared/job"
)

// dueJobs is the partition of the sparse index "due" for jobs. Jobs and deliveries have
// separate partitions, so that a flood of one does not delay the sweep of the other.
const dueJobs = "DUE#JOBS"

// jobKey is the key of a job's row. Each job has its own partition, because jobs are many and
// never listed.
func jobKey(r job.Ref) key { return key{orgPK(r.OrgID) + jobMark + r.ID, jobSK} }

const (
	jobMark = "#JOB#"
	jobSK   = "JOB"
)

func jobOf(at key) (job.Ref, bool) {
	org, id, ok := strings.Cut(strings.TrimPrefix(at.pk, orgPK("")), jobMark)
	return job.Ref{OrgID: org, ID: id}, ok && at.sk == jobSK
}
