package dynamo

import (
	"strings"
	"time"

	"github.com/quintet-agents/quintet/shared/ledger"
)

// Usage is counted in one row for each combination of what it is counted by. A
// month of an org is a partition: one query reads an agent's days, or all.

func usagePK(orgID, month string) string { return orgPK(orgID) + "#USAGE#" + month }

func usageKey(orgID string, of ledger.UsageOf) key {
	return key{usagePK(orgID, of.Day[:len("2026-11")]), strings.Join([]string{of.AgentID, of.Day, of.KeyID, of.Channel, of.Model}, "#")}
}

// monthsOf lists the months that the days from and to and those between lie in.
func monthsOf(from, to string) []string {
	var months []string
	month, err := time.Parse("2006-01", from[:len("2006-01")])
	for last := to[:len("2006-01")]; err == nil; month = month.AddDate(0, 1, 0) {
		name := month.Format("2006-01")
		if name > last {
			break
		}
		months = append(months, name)
	}
	return months
}

// rollupKey is how far the rollup of a day has come, over all orgs.
func rollupKey(day string) key { return key{"ROLLUP", day} }
