package dynamo

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/quintet-agents/quintet/shared/turn"
)

// changeThread returns the step of a settlement that changes the turn's thread, nil
// when there is nothing to change. A fenced thread keeps its last place (see
// turn_place.go).
func (s *Store) changeThread(t turn.Turn, c turn.ThreadChange, fenced bool) *types.Update {
	update := threadUpdate{values: item{}}
	switch {
	case c.Start:
		update.start(t, c)
	case c.Title != "" || len(c.Visitor) > 0:
		update.touch(t, c)
	}
	if fenced {
		update.set("#last = :place")
		update.must("(attribute_not_exists(#last) OR #last < :place)")
		update.names = map[string]string{"#last": "last"}
		update.values[":place"] = num(t.Place)
	}
	if len(update.sets) == 0 {
		return nil
	}
	return &types.Update{
		TableName: &s.table, Key: threadKey(t.OrgID, t.ThreadID).item(),
		UpdateExpression:                    new(update.expression()),
		ConditionExpression:                 new(strings.Join(update.conditions, " AND ")),
		ExpressionAttributeNames:            update.names,
		ExpressionAttributeValues:           update.values,
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	}
}

// threadUpdate builds an update of a thread's row.
type threadUpdate struct {
	sets, removes, conditions []string
	names                     map[string]string
	values                    item
}

func (u *threadUpdate) set(what ...string)    { u.sets = append(u.sets, what...) }
func (u *threadUpdate) remove(what ...string) { u.removes = append(u.removes, what...) }
func (u *threadUpdate) must(condition string) { u.conditions = append(u.conditions, condition) }

func (u *threadUpdate) expression() string {
	e := "SET " + strings.Join(u.sets, ", ")
	if len(u.removes) > 0 {
		e += " REMOVE " + strings.Join(u.removes, ", ")
	}
	return e
}

// start creates the thread. It may take the id of a deleted thread, whose turns that
// still settle stay out of it. A claimed thread starts only for the agent that has
// claimed it.
func (u *threadUpdate) start(t turn.Turn, c turn.ThreadChange) {
	created := stamp(t.StartedAt)
	u.set("id = :id", "org_id = :org", "agent_id = :agent", "created_at = :created", "title = :title",
		"by_org_pk = :org_list", "by_org_sk = :listed", "by_agent_pk = :agent_list", "by_agent_sk = :listed")
	u.remove("deleted_at", claimedBy, claimants, claimedUntil, "expires")
	u.must("(attribute_not_exists(agent_id) OR deleted_at < :created)")
	u.must("(attribute_not_exists(" + claimedBy + ") OR " + claimedBy + " = :agent)")
	for name, value := range map[string]string{
		":id": t.ThreadID, ":org": t.OrgID, ":agent": t.AgentID, ":created": created, ":title": c.Title,
		":org_list": threadsOf(t.OrgID), ":agent_list": threadsOfAgent(t.OrgID, t.AgentID), ":listed": listedAt(created, t.ThreadID),
	} {
		u.values[name] = str(value)
	}
	if len(c.Visitor) > 0 {
		u.set("visitor = :visitor")
		u.values[":visitor"] = str(string(c.Visitor))
	} else {
		u.remove("visitor") // of the deleted thread
	}
}

// touch changes a thread that exists. The first turn of a thread without a title
// gives it one; of several first turns, the first to settle does.
func (u *threadUpdate) touch(t turn.Turn, c turn.ThreadChange) {
	u.must("agent_id = :agent AND attribute_not_exists(deleted_at)")
	u.values[":agent"] = str(t.AgentID)
	if c.Title != "" {
		u.set("title = :title")
		u.must("attribute_not_exists(title)")
		u.values[":title"] = str(c.Title)
	}
	if len(c.Visitor) > 0 {
		u.set("visitor = :visitor")
		u.values[":visitor"] = str(string(c.Visitor))
	}
}

// stillToChange returns the changes that a turn still has to make to its thread,
// whose row has changed since the turn read it.
func stillToChange(c turn.ThreadChange, row item) turn.ThreadChange {
	if text(row["agent_id"]) == "" || row["deleted_at"] != nil {
		// The thread was deleted meanwhile, and the turn with it.
		return turn.ThreadChange{}
	}
	c.Start = false
	if row["title"] != nil {
		c.Title = "" // another turn was first
	}
	return c
}
