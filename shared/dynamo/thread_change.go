package dynamo

import (
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/quintet-agents/quintet/shared/turn"
)

// changeThread returns the step of a settlement that changes the turn's thread, or nil if nothing
// changes. The row of a fenced thread also stores its last place (see turn_place.go).
func (s *Store) changeThread(t turn.Turn, c turn.ThreadChange, fenced bool) (*types.Update, error) {
	var u patch
	switch {
	case c.Start:
		startThread(&u, t, c)
	case c.Title != "" || len(c.Visitor) > 0:
		touchThread(&u, t, c)
	case !fenced:
		return nil, nil
	}
	if fenced {
		u.set("last", num(t.Place))
		u.must(absent("last").Or(below("last", num(t.Place))))
	}
	step, err := s.update(threadKey(t.OrgID, t.ThreadID), u)
	if err != nil {
		return nil, err
	}
	step.ReturnValuesOnConditionCheckFailure = types.ReturnValuesOnConditionCheckFailureAllOld
	return step, nil
}

// startThread creates the thread. It may take the id of a deleted thread, whose turns
// that still settle stay out of it. A claimed thread starts only for the agent that has
// claimed it.
func startThread(u *patch, t turn.Turn, c turn.ThreadChange) {
	created := stamp(t.StartedAt)
	listed := listedAt(created, t.ThreadID)
	for name, value := range map[string]string{
		"id": t.ThreadID, "org_id": t.OrgID, "agent_id": t.AgentID, "channel": t.Channel, "created_at": created, "title": c.Title,
		"by_org_pk": threadsOf(t.OrgID), "by_org_sk": listed,
		"by_agent_pk": threadsOfAgent(t.OrgID, t.AgentID), "by_agent_sk": listed,
	} {
		u.set(name, str(value))
	}
	u.remove("deleted_at", claimedBy, claimants, claimedUntil, "expires")
	u.must(absent("agent_id").Or(below("deleted_at", str(created))))
	u.must(absent(claimedBy).Or(equal(claimedBy, str(t.AgentID))))
	if len(c.Visitor) > 0 {
		u.set("visitor", str(string(c.Visitor)))
	} else {
		u.remove("visitor") // of the deleted thread
	}
}

// touchThread changes a thread that exists. The first turn of a thread without a title
// gives it one; of several first turns, the first to settle does.
func touchThread(u *patch, t turn.Turn, c turn.ThreadChange) {
	u.must(equal("agent_id", str(t.AgentID)))
	u.must(absent("deleted_at"))
	if c.Title != "" {
		u.set("title", str(c.Title))
		u.must(absent("title"))
	}
	if len(c.Visitor) > 0 {
		u.set("visitor", str(string(c.Visitor)))
	}
}

// stillToChange returns the changes that a turn must still make to a thread whose row has changed
// since the turn read it.
func stillToChange(c turn.ThreadChange, row item) turn.ThreadChange {
	if text(row["agent_id"]) == "" || row["deleted_at"] != nil {
		// The thread was deleted meanwhile, and with it the turn.
		return turn.ThreadChange{}
	}
	c.Start = false
	if row["title"] != nil {
		c.Title = "" // another turn was first
	}
	return c
}
