package dynamo

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/quintet-agents/quintet/shared/idempotency"
	"github.com/quintet-agents/quintet/shared/thread"
)

// CreateThread stores a new thread.
func (s *Store) CreateThread(ctx context.Context, once *idempotency.Change, t thread.Thread) error {
	at, created := threadKey(t.OrgID, t.ID), stamp(t.CreatedAt)
	row, err := s.put(threadRow{
		PK: at.pk, SK: at.sk,
		OrgPK: threadsOf(t.OrgID), OrgSK: listedAt(created, t.ID),
		AgentPK: threadsOfAgent(t.OrgID, t.AgentID), AgentSK: listedAt(created, t.ID),
		ID: t.ID, OrgID: t.OrgID, AgentID: t.AgentID, Channel: t.Channel, Title: t.Title, CreatedAt: created,
	}, ifNew)
	if err != nil {
		return err
	}
	return s.commit(ctx, once, t, []types.TransactWriteItem{row})
}
