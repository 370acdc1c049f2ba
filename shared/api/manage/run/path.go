package run

import (
	"net/http"

	"github.com/quintet-agents/quintet/shared/api/wire/param"
	"github.com/quintet-agents/quintet/shared/automation"
	"github.com/quintet-agents/quintet/shared/identity"
)

// automationID returns the automation that the path names. What can be no id is none.
func automationID(r *http.Request) (string, error) {
	return param.PathUUID(r, "id", automation.ErrNotFound)
}

// runID returns the run that the path names. What can be no id is none.
func runID(r *http.Request) (string, error) {
	return param.PathUUID(r, "run_id", automation.ErrNoRun)
}

// refOf returns the run of the caller's org that the path names.
func refOf(r *http.Request, caller identity.Caller) (automation.Ref, error) {
	of, err := automationID(r)
	if err != nil {
		return automation.Ref{}, err
	}
	id, err := runID(r)
	return automation.Ref{OrgID: caller.OrgID, AutomationID: of, ID: id}, err
}
