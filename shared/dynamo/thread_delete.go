package dynamo

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/quintet-agents/quintet/shared/idempotency"
	"github.com/quintet-agents/quintet/shared/ledger"
	"github.com/quintet-agents/quintet/shared/thread"
)

// DeleteThread hides a thread and wipes its texts. Its turns stay as ledger entries without
// their texts. The error is NotFound for an unknown or deleted thread.
//
// An open turn may still settle into the deleted thread, and this process may die before
// everything is wiped. So the sweeper wipes again when every turn that began before the deletion
// is closed. A new thread may then have the same id (see startThread), so a wipe affects only
// turns that began before the deletion.
func (s *Store) DeleteThread(ctx context.Context, once *idempotency.Change, orgID, threadID string, at time.Time) error {
	row := threadKey(orgID, threadID)
	err := s.commit(ctx, once, nil, []types.TransactWriteItem{{Update: &types.Update{
		TableName: &s.table, Key: row.item(),
		UpdateExpression: new("SET deleted_at = :at, forgotten_at = :at, due_pk = :due, due = :expiry " +
			"REMOVE by_org_pk, by_org_sk, by_agent_pk, by_agent_sk, title, visitor"),
		ConditionExpression: new("attribute_exists(agent_id) AND attribute_not_exists(deleted_at)"),
		ExpressionAttributeValues: item{
			":at": str(stamp(at)), ":due": str(dueAll), ":expiry": num(at.Add(ledger.HoldLife).UnixMilli()),
		},
	}}})
	if unmet(err, 0) {
		return thread.ErrNotFound
	}
	if err != nil {
		return err
	}
	return s.wipeTurns(ctx, row.pk, stamp(at))
}

// wipe removes a deleted thread's texts, and the thread from the index "due".
func (s *Store) wipe(ctx context.Context, thread key) error {
	out, err := s.db.GetItem(ctx, &dynamodb.GetItemInput{TableName: &s.table, Key: thread.item(), ConsistentRead: new(true)})
	if err != nil {
		return err
	}
	forgotten := text(out.Item["forgotten_at"])
	if err := s.wipeTurns(ctx, thread.pk, forgotten); err != nil {
		return err
	}
	_, err = s.db.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &s.table, Key: thread.item(),
		UpdateExpression:          new("REMOVE due_pk, due"),
		ConditionExpression:       new("forgotten_at = :forgotten"), // not deleted again meanwhile
		ExpressionAttributeValues: item{":forgotten": str(forgotten)},
	})
	if _, again := conditionFailed(err); again {
		return nil
	}
	return err
}

// wipeTurns removes the texts of the turns that began by the given time.
func (s *Store) wipeTurns(ctx context.Context, pk, forgotten string) error {
	q := &dynamodb.QueryInput{
		ConsistentRead:            new(true),
		KeyConditionExpression:    new("pk = :pk AND begins_with(sk, :turns)"),
		FilterExpression:          new("attribute_exists(user_text) AND started_at <= :forgotten"),
		ProjectionExpression:      new("pk, sk"),
		ExpressionAttributeValues: item{":pk": str(pk), ":turns": str(turnPrefix), ":forgotten": str(forgotten)},
	}
	for page, err := range s.pages(ctx, q) {
		if err != nil {
			return err
		}
		for _, it := range page {
			_, err := s.db.UpdateItem(ctx, &dynamodb.UpdateItemInput{
				TableName: &s.table, Key: item{"pk": it["pk"], "sk": it["sk"]},
				UpdateExpression: new("REMOVE user_text, assistant_text, tools"),
			})
			if err != nil {
				return err
			}
		}
	}
	return nil
}
