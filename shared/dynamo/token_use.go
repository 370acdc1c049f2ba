package dynamo

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// UseToken records a token of a connection's provider with what it was used for, until a time.
// It reports false if the token was used for something else.
func (s *Store) UseToken(ctx context.Context, orgID, connectionID, token, use string, until time.Time) (bool, error) {
	at := aliasKey(orgID, connectionID, "token:"+token)
	_, err := s.db.PutItem(ctx, &dynamodb.PutItemInput{
		TableName: &s.table, Item: item{"pk": str(at.pk), "sk": str(at.sk), "use": str(use), "expires": num(until.Unix())},
		ConditionExpression:                 new(ifFree),
		ExpressionAttributeValues:           item{":now": num(s.now().Unix())},
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	})
	if it, used := conditionFailed(err); used {
		return text(it["use"]) == use, nil
	}
	return err == nil, err
}
