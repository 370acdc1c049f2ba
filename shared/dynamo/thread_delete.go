package dynamo

import (
	"context"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// DeleteThread makes a thread as if it never was and wipes what was said in
// it. Its turns stay as ledger entries without their texts. An unknown or
// deleted thread is NotFound.
func (s *Store) DeleteThread(ctx context.Context, orgID, threadID string, at time.Time) error {
	_, err := s.db.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &s.table, Key: threadKey(orgID, threadID).item(),
		UpdateExpression:          new("SET deleted_at = :at REMOVE title, by_org_pk, by_org_sk, by_agent_pk, by_agent_sk"),
		ConditionExpression:       new(ifExists + " AND attribute_not_exists(deleted_at)"),
		ExpressionAttributeValues: item{":at": str(stamp(at))},
	})
	if _, ok := errors.AsType[*types.ConditionalCheckFailedException](err); ok {
		return errNoThread
	}
	if err != nil {
		return err
	}
	return s.wipeTurns(ctx, orgID, threadID)
}

func (s *Store) wipeTurns(ctx context.Context, orgID, threadID string) error {
	pages := dynamodb.NewQueryPaginator(s.db, &dynamodb.QueryInput{
		TableName: &s.table, ConsistentRead: new(true),
		KeyConditionExpression:    new("pk = :pk AND begins_with(sk, :turns)"),
		ProjectionExpression:      new("pk, sk"),
		ExpressionAttributeValues: item{":pk": str(threadPK(orgID, threadID)), ":turns": str(turnPrefix)},
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
