package dynamo

import (
	"context"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/quintet-agents/quintet/shared/ledger"
)

// DeleteThread makes a thread as if it never was and wipes what was said in
// it. Its turns stay as ledger entries without their texts. An unknown or
// deleted thread is NotFound.
//
// A turn that is under way settles into the deleted thread, and this process
// may die before all is wiped: the sweeper wipes once more when every turn that
// began before is closed.
func (s *Store) DeleteThread(ctx context.Context, orgID, threadID string, at time.Time) error {
	thread := threadKey(orgID, threadID)
	_, err := s.db.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &s.table, Key: thread.item(),
		UpdateExpression: new("SET deleted_at = :at, due_pk = :due, due = :expiry " +
			"REMOVE by_org_pk, by_org_sk, by_agent_pk, by_agent_sk"),
		ConditionExpression: new(ifExists + " AND attribute_not_exists(deleted_at)"),
		ExpressionAttributeValues: item{
			":at": str(stamp(at)), ":due": str(dueAll), ":expiry": num(at.Add(ledger.HoldLife).UnixMilli()),
		},
	})
	if _, missing := errors.AsType[*types.ConditionalCheckFailedException](err); missing {
		return errNoThread
	}
	if err != nil {
		return err
	}
	return s.wipeTurns(ctx, thread.pk)
}

// wipe takes a deleted thread's texts and is done with it.
func (s *Store) wipe(ctx context.Context, thread key) error {
	if err := s.wipeTurns(ctx, thread.pk); err != nil {
		return err
	}
	_, err := s.db.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &s.table, Key: thread.item(),
		UpdateExpression:    new("REMOVE title, due_pk, due"),
		ConditionExpression: new("attribute_exists(deleted_at)"),
	})
	return err
}

func (s *Store) wipeTurns(ctx context.Context, pk string) error {
	pages := dynamodb.NewQueryPaginator(s.db, &dynamodb.QueryInput{
		TableName: &s.table, ConsistentRead: new(true),
		KeyConditionExpression:    new("pk = :pk AND begins_with(sk, :turns)"),
		FilterExpression:          new("attribute_exists(user_text)"),
		ProjectionExpression:      new("pk, sk"),
		ExpressionAttributeValues: item{":pk": str(pk), ":turns": str(turnPrefix)},
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return err
		}
		for _, it := range page.Items {
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
