package dynamo

import (
	"strings"
	"time"

	"github.com/quintet-agents/quintet/shared/ledger"
)

// Usage has one row for each combination of day, agent, key, channel and model. A month of an
// org is a partition, so one query reads an agent's days, or all.

func usagePK(orgID, month string) string { return orgPK(orgID) + "#USAGE#" + month }

func usageKey(orgID string, of ledger.UsageOf) key {
	return key{usagePK(orgID, of.Day[:len("2026-11")]), strings.Join([]string{of.AgentID, of.Day, of.KeyID, of.Channel, of.Model}, "#")}
}

// monthsOf returns the months of an inclusive range of days.
func monthsOf(from, to string) []string {
	const layout = "2006-01"
	first, err := time.Parse(layout, from[:len(layout)])
	last, lastErr := time.Parse(layout, to[:len(layout)])
	if err != nil || lastErr != nil || from > to { // DynamoDB refuses a range that ends before it begins
		return nil
	}
	var months []string
	for month := first; !month.After(last); month = month.AddDate(0, 1, 0) { // as times: as texts the year 10000 is before 9999
		months = append(months, month.Format(layout))
	}
	return months
}

// rollupKey is the key of the progress of a day's rollup.
func rollupKey(day string) key { return key{"ROLLUP", day} }
