package dynamo

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/quintet-agents/quintet/shared/thread"
	"github.com/quintet-agents/quintet/shared/turn"
)

// TurnsAfter returns up to limit turns of a thread after a place, in order. It may return fewer
// than exist, but returns none only at the end.
func (s *Store) TurnsAfter(ctx context.Context, t thread.Thread, after int64, limit int) ([]turn.Turn, error) {
	for {
		turns, err := s.turnsAfter(ctx, t.OrgID, t.ID, after, limit)
		if err != nil || len(turns) == 0 {
			return nil, err
		}
		after = turns[len(turns)-1].Place
		if said := remembered(t, turns); len(said) > 0 {
			return said, nil
		}
	}
}

func (s *Store) turnsAfter(ctx context.Context, orgID, threadID string, after int64, limit int) ([]turn.Turn, error) {
	out, err := s.db.Query(ctx, &dynamodb.QueryInput{
		TableName: &s.table, ConsistentRead: new(true), Limit: new(int32(limit)), //nolint:gosec // small
		KeyConditionExpression:    new("pk = :pk AND sk BETWEEN :from AND :to"),
		ExpressionAttributeValues: item{":pk": str(threadPK(orgID, threadID)), ":from": str(turnSK(after + 1)), ":to": str(turnPrefix + "~")},
	})
	if err != nil {
		return nil, err
	}
	return turnsOf(out.Items)
}

// TurnsUpTo returns the latest turns of a thread at or before the given place, in order. It reads
// limit turns and leaves out those that the thread does not show.
func (s *Store) TurnsUpTo(ctx context.Context, t thread.Thread, place int64, limit int) ([]turn.Turn, error) {
	out, err := s.db.Query(ctx, &dynamodb.QueryInput{
		TableName: &s.table, ConsistentRead: new(true), Limit: new(int32(limit)), ScanIndexForward: new(false), //nolint:gosec // small
		KeyConditionExpression:    new("pk = :pk AND sk BETWEEN :from AND :to"),
		ExpressionAttributeValues: item{":pk": str(threadPK(t.OrgID, t.ID)), ":from": str(turnPrefix), ":to": str(turnSK(place))},
	})
	if err != nil {
		return nil, err
	}
	turns, err := turnsOf(out.Items)
	slices.Reverse(turns)
	return remembered(t, turns), err
}

// TurnsBefore returns up to limit turns of a thread before a place, latest first. It may return
// fewer than exist, but returns none only at the beginning.
func (s *Store) TurnsBefore(ctx context.Context, t thread.Thread, before int64, limit int) ([]turn.Turn, error) {
	for before > 0 {
		out, err := s.db.Query(ctx, &dynamodb.QueryInput{
			TableName: &s.table, ConsistentRead: new(true), Limit: new(int32(limit)), ScanIndexForward: new(false), //nolint:gosec // small
			KeyConditionExpression:    new("pk = :pk AND sk BETWEEN :from AND :to"),
			ExpressionAttributeValues: item{":pk": str(threadPK(t.OrgID, t.ID)), ":from": str(turnPrefix), ":to": str(turnSK(before - 1))},
		})
		if err != nil {
			return nil, err
		}
		turns, err := turnsOf(out.Items)
		if err != nil || len(turns) == 0 {
			return nil, err
		}
		before = turns[len(turns)-1].Place
		if said := remembered(t, turns); len(said) > 0 {
			return said, nil
		}
	}
	return nil, nil
}

// remembered returns the turns that a thread shows. It leaves out turns whose texts are or will
// be wiped, and turns of an agent to which the thread does not belong.
func remembered(t thread.Thread, turns []turn.Turn) []turn.Turn {
	return slices.DeleteFunc(turns, func(x turn.Turn) bool {
		return x.User == "" && (!x.Note || x.Assistant == "") || !x.StartedAt.After(t.Forgotten) || t.AgentID != "" && x.AgentID != t.AgentID
	})
}

func turnsOf(items []item) ([]turn.Turn, error) {
	turns := make([]turn.Turn, 0, len(items))
	for _, it := range items {
		var r turnRow
		if err := attributevalue.UnmarshalMap(it, &r); err != nil {
			return nil, err
		}
		turns = append(turns, r.turn())
	}
	return turns, nil
}
