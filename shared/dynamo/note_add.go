package dynamo

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/idempotency"
	"github.com/quintet-agents/quintet/shared/thread"
	"github.com/quintet-agents/quintet/shared/turn"
)

// noting is a transaction that adds a note to a thread, and has other steps.
type noting struct {
	note    turn.Turn
	visitor []byte // of a thread that the note starts
	once    *idempotency.Change
	result  func(turn.Turn) any // what once answers with

	// others returns the other steps, which depend on the note's place.
	others func(turn.Turn) ([]types.TransactWriteItem, error)
}

// addNote adds a note as the latest entry of its thread, and starts the thread if there is
// none. Like a settlement, it moves the account's fence and that of the thread (see
// turn_place.go). The indexes of a failed condition are those of the other steps.
func (s *Store) addNote(ctx context.Context, n noting) (turn.Turn, error) {
	place := int64(0)
	for range s.tries(ctx) {
		start, err := s.threadToStart(ctx, n.note)
		if err != nil {
			return turn.Turn{}, err
		}
		t := n.note
		t.Place = s.placeAfter(place)
		t.StartedAt, t.SettledAt, t.Starts = s.now(), s.now(), start
		steps, err := n.others(t)
		if err != nil {
			return turn.Turn{}, err
		}
		noteAt := len(steps)
		mine, err := s.noteSteps(t, start, n.visitor)
		if err != nil {
			return turn.Turn{}, err
		}
		var result any
		if n.result != nil {
			result = n.result(t)
		}
		err = s.commit(ctx, n.once, result, append(steps, mine...))
		moved := false
		for i := range mine {
			if unmet(err, noteAt+i) {
				moved = true
				place = max(place, t.Place, integer(unmetItem(err, noteAt+i)[fenceOf(t.ThreadID)]), integer(unmetItem(err, noteAt+i)["last"]))
			}
		}
		if moved && !anyUnmetOf(err, 0, noteAt) {
			continue
		}
		return t, err
	}
	return turn.Turn{}, contended("The thread")
}

// threadToStart reports whether a note starts its thread. The error is turn.ErrOtherAgent for
// a thread of another agent.
func (s *Store) threadToStart(ctx context.Context, t turn.Turn) (bool, error) {
	th, err := s.Thread(ctx, t.OrgID, t.ThreadID)
	switch {
	case fault.Is(err, fault.NotFound):
		return true, nil
	case err != nil:
		return false, err
	case th.AgentID != t.AgentID:
		return false, turn.ErrOtherAgent
	}
	return false, nil
}

// noteSteps returns the steps that add a note: its row, the fence, and the thread.
func (s *Store) noteSteps(t turn.Turn, start bool, visitor []byte) ([]types.TransactWriteItem, error) {
	put, err := s.put(turnRowOf(t), ifNew)
	if err != nil {
		return nil, err
	}
	change := turn.ThreadChange{Start: start}
	if start {
		change.Title, change.Visitor = thread.TitleFrom(t.User+t.Assistant), visitor
	}
	th, err := s.changeThread(t, change, true)
	if err != nil {
		return nil, err
	}
	fence := &types.Update{
		TableName: &s.table, Key: shardKey(t.OrgID, 0).item(),
		UpdateExpression:                    new("SET #fence = :place"),
		ConditionExpression:                 new(ifExists + " AND (attribute_not_exists(#fence) OR #fence < :place)"),
		ExpressionAttributeNames:            map[string]string{"#fence": fenceOf(t.ThreadID)},
		ExpressionAttributeValues:           item{":place": num(t.Place)},
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	}
	return []types.TransactWriteItem{put, {Update: fence}, {Update: th}}, nil
}
