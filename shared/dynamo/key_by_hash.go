package dynamo

import (
	"context"

	"github.com/quintet-agents/quintet/shared/account"
)

type keyRow struct {
	PK        string `dynamodbav:"pk"`
	SK        string `dynamodbav:"sk"`
	OrgPK     string `dynamodbav:"by_org_pk"`
	OrgSK     string `dynamodbav:"by_org_sk"`
	ID        string `dynamodbav:"id"`
	OrgID     string `dynamodbav:"org_id"`
	AgentID   string `dynamodbav:"agent_id,omitempty"`
	Name      string `dynamodbav:"name"`
	Prefix    string `dynamodbav:"prefix"`
	Hint      string `dynamodbav:"hint"`
	CreatedAt string `dynamodbav:"created_at"`
	RevokedAt string `dynamodbav:"revoked_at,omitempty"`
}

// KeyByHash returns the key with the given hash, or NotFound.
func (s *Store) KeyByHash(ctx context.Context, hash string) (account.Key, error) {
	var r keyRow
	if err := s.get(ctx, keyKey(hash), &r); err != nil {
		return account.Key{}, err
	}
	k := account.Key{
		ID: r.ID, OrgID: r.OrgID, AgentID: r.AgentID, Name: r.Name, Prefix: r.Prefix, Hint: r.Hint, Hash: hash,
		CreatedAt: unstamp(r.CreatedAt),
	}
	if r.RevokedAt != "" {
		k.RevokedAt = unstamp(r.RevokedAt)
	}
	return k, nil
}
