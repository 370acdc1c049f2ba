package dynamo

import "github.com/quintet-agents/quintet/shared/identity"

type keyRow struct {
	PK        string `dynamodbav:"pk"`
	SK        string `dynamodbav:"sk"`
	ID        string `dynamodbav:"id"`
	OrgID     string `dynamodbav:"org_id"`
	AgentID   string `dynamodbav:"agent_id,omitempty"`
	Name      string `dynamodbav:"name"`
	Prefix    string `dynamodbav:"prefix"`
	Hint      string `dynamodbav:"hint"`
	Hash      string `dynamodbav:"hash"`
	CreatedAt string `dynamodbav:"created_at"`
	RevokedAt string `dynamodbav:"revoked_at,omitempty"`
}

func keyRowOf(at key, k identity.Key) keyRow {
	return keyRow{
		PK: at.pk, SK: at.sk,
		ID: k.ID, OrgID: k.OrgID, AgentID: k.AgentID, Name: k.Name, Prefix: k.Prefix, Hint: k.Hint, Hash: k.Hash,
		CreatedAt: stamp(k.CreatedAt),
	}
}

func (r keyRow) key() identity.Key {
	k := identity.Key{
		ID: r.ID, OrgID: r.OrgID, AgentID: r.AgentID, Name: r.Name, Prefix: r.Prefix, Hint: r.Hint, Hash: r.Hash,
		CreatedAt: unstamp(r.CreatedAt),
	}
	if r.RevokedAt != "" {
		k.RevokedAt = unstamp(r.RevokedAt)
	}
	return k
}
