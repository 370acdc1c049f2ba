package dynamo

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/quintet-agents/quintet/shared/account"
	"github.com/quintet-agents/quintet/shared/ledger"
)

// CreateOrg stores a new org with its account. What it begins with is the first
// entry of its ledger.
func (s *Store) CreateOrg(ctx context.Context, o account.Org, a ledger.Account) error {
	at := orgKey(o.ID)
	r := orgRow{PK: at.pk, SK: at.sk, ID: o.ID, Name: o.Name, Email: o.Email, CreatedAt: stamp(o.CreatedAt)}
	row, err := s.put(r, ifNew)
	if err != nil {
		return err
	}
	r.PK, r.SK = orgsPK, o.ID
	listed, err := s.put(r, ifNew)
	if err != nil {
		return err
	}
	steps := []types.TransactWriteItem{row, listed, {Put: &types.Put{
		TableName: &s.table, Item: accountItem(a), ConditionExpression: new(ifNew),
	}}}
	if a.Available != 0 {
		opening, err := s.put(entryRowOf(ledger.Entry{
			ID: o.ID, OrgID: o.ID, Kind: ledger.TopUp, Amount: a.Available, Reason: "opening balance", At: o.CreatedAt,
		}), ifNew)
		if err != nil {
			return err
		}
		steps = append(steps, opening)
	}
	return s.commit(ctx, o, steps)
}
