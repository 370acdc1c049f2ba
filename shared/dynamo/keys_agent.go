package dynamo

import (
	"fmt"
	"strings"
)

// agentKey is an agent's row. Ids sort by creation, so the partition is the
// org's list of agents.
func agentKey(orgID, agentID string) key { return key{agentsPK(orgID), agentID} }

func agentsPK(orgID string) string { return orgPK(orgID) + agentsMark }

const agentsMark = "#AGENTS"

func isAgent(at key) bool { return strings.HasSuffix(at.pk, agentsMark) }

// liveKey is what a chat reads of an agent. There are two copies, under the id
// and under the slug, because chat paths take either.
func liveKey(orgID, idOrSlug string) key { return key{orgPK(orgID), "LIVE#" + idOrSlug} }

// agentPK is the partition of what belongs to one agent: versions and their
// texts.
func agentPK(orgID, agentID string) string { return orgPK(orgID) + "#AGENT#" + agentID }

const versionPrefix = "VERSION#"

func versionKey(orgID, agentID string, number int) key {
	return key{agentPK(orgID, agentID), fmt.Sprintf("%s%06d", versionPrefix, number)}
}

// textKey keeps a version's instructions apart, so that listing versions does
// not read them.
func textKey(orgID, agentID, versionID string) key {
	return key{agentPK(orgID, agentID), "TEXT#" + versionID}
}
