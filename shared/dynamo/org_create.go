package dynamo

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/idempotency"
	"github.com/quintet-agents/quintet/shared/identity"
	"github.com/quintet-agents/quintet/shared/ledger"
)

// CreateOrg stores a new org with its account. Its initial balance is the first entry of its
// ledger. Only commands make such an org: no request does.
func (s *Store) CreateOrg(ctx context.Context, o identity.Org, a ledger.Account) error {
	steps, err := s.orgSteps(o, a, 0)
	if err != nil {
		return err
	}
	return s.write(ctx, steps)
}

// CreateOwnedOrg stores a new org with its account and its first owner. The error is a Conflict
// if the user is a member of any org.
func (s *Store) CreateOwnedOrg(ctx context.Context, once *idempotency.Change, o identity.Org, a ledger.Account, owner identity.User) error {
	users, err := s.userPuts(owner)
	if err != nil {
		return err
	}
	steps, err := s.orgSteps(o, a, 1)
	if err != nil {
		return err
	}
	err = s.commit(ctx, once, o, append(users, steps...))
	if unmet(err, 0) {
		return fault.New(fault.Conflict, "This user is a member of an organisation already")
	}
	return err
}

func (s *Store) orgSteps(o identity.Org, a ledger.Account, owners int) ([]types.TransactWriteItem, error) {
	at := orgKey(o.ID)
	r := orgRow{PK: at.pk, SK: at.sk, ID: o.ID, Name: o.Name, Email: o.Email, CreatedAt: stamp(o.CreatedAt), Owners: owners}
	row, err := s.put(r, ifNew)
	if err != nil {
		return nil, err
	}
	r.PK, r.SK = orgsPK, o.ID
	listed, err := s.put(r, ifNew)
	if err != nil {
		return nil, err
	}
	steps := []types.TransactWriteItem{row, listed}
	for shard := range max(a.Shards, 1) {
		steps = append(steps, types.TransactWriteItem{Put: &types.Put{
			TableName: &s.table, Item: shardItem(a, shard), ConditionExpression: new(ifNew),
		}})
	}
	if a.Available != 0 {
		opening, err := s.put(entryRowOf(ledger.Entry{
			ID: o.ID, OrgID: o.ID, Kind: ledger.TopUp, Amount: a.Available, Reason: "opening balance", At: o.CreatedAt,
		}), ifNew)
		if err != nil {
			return nil, err
		}
		steps = append(steps, opening)
	}
	return steps, nil
}
