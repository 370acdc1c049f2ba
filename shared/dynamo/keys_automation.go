package dynamo

import (
	"fmt"
	"strings"

	"github.com/quintet-agents/quintet/shared/automation"
)

// dueAutomations is the partition of the sparse index "due" for runs of automations.
const dueAutomations = "DUE#AUTOMATIONS"

// dueSchedules is the partition of the sparse index "due" for automations that a schedule starts.
const dueSchedules = "DUE#SCHEDULES"

// automationKey is the key of an automation's row. Ids sort by creation, so the partition is the
// org's list of automations.
func automationKey(orgID, id string) key { return key{automationsPK(orgID), id} }

func automationsPK(orgID string) string { return orgPK(orgID) + automationsMark }

const automationsMark = "#AUTOMATIONS"

// keyOfSchedule and scheduleOf are the key of an automation, and the automation of such a key.
func keyOfSchedule(r automation.Ref) key { return automationKey(r.OrgID, r.AutomationID) }

func scheduleOf(at key) (automation.Ref, bool) {
	org, ok := strings.CutSuffix(strings.TrimPrefix(at.pk, orgPK("")), automationsMark)
	return automation.Ref{OrgID: org, AutomationID: at.sk}, ok
}

// pathKey finds an automation by the path of its published webhook trigger, which is unique in
// the deployment.
func pathKey(path string) key { return key{"AUTOMATION_PATH#" + path, "PATH"} }

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

// runOf returns the run that has a key of automationRunKey.
func runOf(at key) (automation.Ref, bool) {
	org, rest, ok := strings.Cut(strings.TrimPrefix(at.pk, orgPK("")), automationMark)
	id, isRun := strings.CutSuffix(rest, runsMark)
	return automation.Ref{OrgID: org, AutomationID: id, ID: at.sk}, ok && isRun
}
