package dynamo

import (
	"fmt"

	"github.com/quintet-agents/quintet/shared/automation"
)

// dueAutomations is the partition of the sparse index "due" for runs of automations.
const dueAutomations = "DUE#AUTOMATIONS"

// automationRunKey is the key of a run's row. Ids sort by start, so the partition is the automation's list
// of runs.
func automationRunKey(r automation.Ref) key {
	return key{automationRunsPK(r.OrgID, r.AutomationID), r.ID}
}

func automationRunsPK(orgID, automationID string) string {
	return orgPK(orgID) + automationMark + automationID + runsMark
}

const (
	automationMark = "#AUTOMATION#"
	runsMark       = "#RUNS"
)

// automationDataKey is the key of a run's definition and trigger, apart from what lists read.
func automationDataKey(r automation.Ref) key { return key{automationRunPK(r), "DATA"} }

// automationStepKey is the key of an execution. A re-run keeps the executions before it.
func automationStepKey(r automation.Ref, path string, generation int) key {
	return key{automationRunPK(r), fmt.Sprintf("%s%s#%06d", automationStepPrefix, path, generation)}
}

const automationStepPrefix = "STEP#"

func automationRunPK(r automation.Ref) string { return orgPK(r.OrgID) + "#RUN#" + r.ID }
