package dynamo

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/quintet-agents/quintet/shared/ledger"
)

// Account returns an org's account as it stands.
func (s *Store) Account(ctx context.Context, orgID string) (ledger.Account, error) {
	out, err := s.db.GetItem(ctx, &dynamodb.GetItemInput{TableName: &s.table, Key: accountKey(orgID).item(), ConsistentRead: new(true)})
	if err != nil {
		return ledger.Account{}, err
	}
	if out.Item == nil {
		return ledger.Account{}, fmt.Errorf("org %s has no account", orgID)
	}
	return accountOf(out.Item), nil
}
