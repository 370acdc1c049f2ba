package dynamo

import (
	"fmt"

	"github.com/quintet-agents/quintet/shared/thread"
)

// threadPK is a thread's partition: its turns in order, and after them its own
// row, so that one reverse query reads the row and the latest turns.
func threadPK(orgID, threadID string) string { return orgPK(orgID) + "#THREAD#" + threadID }

const (
	threadSK   = "~"
	turnPrefix = "TURN#"
)

func threadKey(orgID, threadID string) key { return key{threadPK(orgID, threadID), threadSK} }

func turnSK(place int64) string { return fmt.Sprintf("%s%0*d", turnPrefix, thread.PlaceDigits, place) }

// threadsOf is the partition of an org's threads in the index "by_org". threadsOfAgent is the
// partition of an agent's threads in the index "by_agent". Both are oldest first.
func threadsOf(orgID string) string { return orgPK(orgID) + "#THREADS" }

func threadsOfAgent(orgID, agentID string) string {
	return agentPK(orgID, agentID) + "#THREADS"
}

// ledgerOf is the partition of index "by_org" that lists an org's settled
// turns in the order of settlement.
func ledgerOf(orgID string) string { return orgPK(orgID) + "#LEDGER" }
