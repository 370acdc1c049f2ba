package dynamo

import (
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/quintet-agents/quintet/shared/automation"
)

// moveTrigger returns the steps that give a changed automation the rows by which its trigger finds
// it, and release those of before. A step with a condition fails if another automation has the
// path.
func (s *Store) moveTrigger(before, after automation.Automation) ([]types.TransactWriteItem, error) {
	path, err := s.movePath(before, after)
	if err != nil {
		return nil, err
	}
	listen, err := s.moveListener(before, after)
	return append(path, listen...), err
}

// moveListener returns the steps that change the row of a trigger of events. A trigger that stays
// as it is keeps its row with the time since which it is there: events from before a new version
// is published, which are still on their way, start runs of that version.
func (s *Store) moveListener(before, after automation.Automation) ([]types.TransactWriteItem, error) {
	was, is := listens(before), listens(after)
	switch {
	case was == is:
		return nil, nil
	case is == listening{}:
		return []types.TransactWriteItem{{Delete: &types.Delete{TableName: &s.table, Key: triggerKey(before.OrgID, before.ID).item()}}}, nil
	}
	at := triggerKey(after.OrgID, after.ID)
	put, err := s.put(triggerRow{
		PK: at.pk, SK: at.sk, OrgID: after.OrgID, AutomationID: after.ID,
		Event: is.event, AgentID: is.agentID, Since: after.UpdatedAt.UnixMilli(),
	}, "")
	return []types.TransactWriteItem{put}, err
}

// listening is what an automation listens for.
type listening struct{ event, agentID string }

func listens(a automation.Automation) listening {
	t := a.Live()
	return listening{t.Event, t.AgentID}
}
