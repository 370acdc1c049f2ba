package dynamo

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/quintet-agents/quintet/shared/account"
	"github.com/quintet-agents/quintet/shared/ledger"
)

// CreateOrg stores a new org with its account.
func (s *Store) CreateOrg(ctx context.Context, o account.Org, a ledger.Account) error {
	at := orgKey(o.ID)
	row, err := s.put(orgRow{PK: at.pk, SK: at.sk, ID: o.ID, Name: o.Name, Email: o.Email, CreatedAt: stamp(o.CreatedAt)}, ifNew)
	if err != nil {
		return err
	}
	return s.write(ctx, []types.TransactWriteItem{row, {Put: &types.Put{
		TableName: &s.table, Item: accountItem(a), ConditionExpression: new(ifNew),
	}}})
}
