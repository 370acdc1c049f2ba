package dynamo

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/turn"
)

// startThread returns the step of a turn that starts its thread. Where a
// deleted thread had the id, this is another: it takes its place, and keeps
// when that was, so that whatever settles into the old one stays out.
func (s *Store) startThread(t turn.Turn, c turn.ThreadChange) *types.Update {
	created := stamp(t.StartedAt)
	listed := listedAt(created, t.ThreadID)
	set := "SET id = :id, org_id = :org, agent_id = :agent, created_at = :created, title = :title, " +
		"by_org_pk = :org_list, by_org_sk = :listed, by_agent_pk = :agent_list, by_agent_sk = :listed"
	remove := " REMOVE deleted_at"
	values := item{
		":id": str(t.ThreadID), ":org": str(t.OrgID), ":agent": str(t.AgentID), ":created": str(created), ":title": str(c.Title),
		":org_list": str(threadsOf(t.OrgID)), ":agent_list": str(threadsOfAgent(t.OrgID, t.AgentID)), ":listed": str(listed),
	}
	if len(c.Visitor) > 0 {
		set += ", visitor = :visitor"
		values[":visitor"] = str(string(c.Visitor))
	} else {
		remove += ", visitor" // the deleted thread's
	}
	return &types.Update{
		TableName: &s.table, Key: threadKey(t.OrgID, t.ThreadID).item(),
		UpdateExpression:                    new(set + remove),
		ConditionExpression:                 new("attribute_not_exists(agent_id) OR deleted_at < :created"),
		ExpressionAttributeValues:           values,
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	}
}

// touchThread returns the step of a turn that changes its thread.
func (s *Store) touchThread(t turn.Turn, c turn.ThreadChange) *types.Update {
	var sets []string
	values := item{":agent": str(t.AgentID)}
	if c.Title != "" {
		sets = append(sets, "title = if_not_exists(title, :title)")
		values[":title"] = str(c.Title)
	}
	if len(c.Visitor) > 0 {
		sets = append(sets, "visitor = :visitor")
		values[":visitor"] = str(string(c.Visitor))
	}
	return &types.Update{
		TableName: &s.table, Key: threadKey(t.OrgID, t.ThreadID).item(),
		UpdateExpression:                    new("SET " + strings.Join(sets, ", ")),
		ConditionExpression:                 new("agent_id = :agent AND attribute_not_exists(deleted_at)"),
		ExpressionAttributeValues:           values,
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	}
}

// threadMeanwhile returns what a turn still has to change of its thread, whose
// row is no longer as the turn found it.
func threadMeanwhile(c turn.Settlement, row item) (turn.ThreadChange, error) {
	deleted := row == nil || row["deleted_at"] != nil
	switch {
	case !c.Thread.Start || deleted:
		// It was deleted under the turn, which goes where the thread went.
		return turn.ThreadChange{}, nil
	case text(row["agent_id"]) != c.Turn.AgentID:
		return turn.ThreadChange{}, fault.New(fault.Conflict, "The thread was started by another agent meanwhile")
	}
	return turn.ThreadChange{Title: c.Thread.Title, Visitor: c.Thread.Visitor}, nil
}
