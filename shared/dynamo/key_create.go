package dynamo

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/quintet-agents/quintet/shared/account"
)

// CreateKey stores a key that account.Mint made.
func (s *Store) CreateKey(ctx context.Context, k account.Key) error {
	at := keyKey(k.Hash)
	row, err := attributevalue.MarshalMap(keyRow{
		PK: at.pk, SK: at.sk, OrgPK: keysOf(k.OrgID), OrgSK: k.ID,
		ID: k.ID, OrgID: k.OrgID, AgentID: k.AgentID, Name: k.Name, Prefix: k.Prefix, Hint: k.Hint,
		CreatedAt: stamp(k.CreatedAt),
	})
	if err != nil {
		return err
	}
	_, err = s.db.PutItem(ctx, &dynamodb.PutItemInput{TableName: &s.table, Item: row, ConditionExpression: new(ifNew)})
	return err
}
