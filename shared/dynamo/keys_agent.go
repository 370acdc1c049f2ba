package dynamo

import (
	"fmt"
	"strings"
)

// agentKey is the key of an agent's row. Ids sort by creation, so the partition is the org's
// list of agents.
func agentKey(orgID, agentID string) key { return key{agentsPK(orgID), agentID} }

func agentsPK(orgID string) string { return orgPK(orgID) + agentsMark }

const agentsMark = "#AGENTS"

func isAgent(at key) bool { return strings.HasSuffix(at.pk, agentsMark) }

// liveKey is the key of the row that a chat reads. There are two copies, under the id and under
// the slug, because chat paths accept either.
func liveKey(orgID, idOrSlug string) key { return key{orgPK(orgID), "LIVE#" + idOrSlug} }

// agentPK is the partition of one agent's versions and their texts.
func agentPK(orgID, agentID string) string { return orgPK(orgID) + "#AGENT#" + agentID }

const versionPrefix = "VERSION#"

func versionKey(orgID, agentID string, number int) key {
	return key{agentPK(orgID, agentID), fmt.Sprintf("%s%06d", versionPrefix, number)}
}

// textKey is the key of a version's instructions and settings. They have a separate row, so that listing
// versions does not read them.
func textKey(orgID, agentID, versionID string) key {
	return key{agentPK(orgID, agentID), "TEXT#" + versionID}
}

// toolsKey is the key of a version's tools, which only chats of an agent with tools read.
func toolsKey(orgID, agentID, versionID string) key {
	return key{agentPK(orgID, agentID), "TOOLS#" + versionID}
}
