package dynamo

import (
	"strings"

	"github.com/quintet-agents/quintet/shared/delivery"
)

// A job has a partition of its own: they are many, and nobody lists them.
func jobKey(r delivery.JobRef) key { return key{orgPK(r.OrgID) + jobMark + r.ID, jobSK} }

const (
	jobMark = "#JOB#"
	jobSK   = "JOB"
)

func jobOf(at key) (delivery.JobRef, bool) {
	org, id, ok := strings.Cut(strings.TrimPrefix(at.pk, orgPK("")), jobMark)
	return delivery.JobRef{OrgID: org, ID: id}, ok && at.sk == jobSK
}
