package dynamo

import "github.com/quintet-agents/quintet/shared/ledger"

type entryRow struct {
	PK     string `dynamodbav:"pk"`
	SK     string `dynamodbav:"sk"`
	OrgPK  string `dynamodbav:"by_org_pk"`
	OrgSK  string `dynamodbav:"by_org_sk"`
	ID     string `dynamodbav:"id"`
	OrgID  string `dynamodbav:"org_id"`
	Kind   string `dynamodbav:"kind"`
	Amount int64  `dynamodbav:"amount"` // micro-credits
	Reason string `dynamodbav:"reason"`
	At     string `dynamodbav:"settled_at"`
}

func entryRowOf(e ledger.Entry) entryRow {
	at := entryKey(e.OrgID, e.ID)
	return entryRow{
		PK: at.pk, SK: at.sk, OrgPK: ledgerOf(e.OrgID), OrgSK: entryAt(stamp(e.At), e.ID),
		ID: e.ID, OrgID: e.OrgID, Kind: string(e.Kind), Amount: int64(e.Amount), Reason: e.Reason, At: stamp(e.At),
	}
}

// entryAt returns an entry's sort key in the ledger: by time, then by id.
func entryAt(stamp, id string) string { return stamp + "#" + id }

// ledgerRow is an entry in the index. A turn has no kind.
type ledgerRow struct {
	entryRow
	Charge    int64  `dynamodbav:"charge"`
	AgentID   string `dynamodbav:"agent_id"`
	ThreadID  string `dynamodbav:"thread_id"`
	KeyID     string `dynamodbav:"key_id"`
	Channel   string `dynamodbav:"channel"`
	Model     string `dynamodbav:"model"`
	Input     int    `dynamodbav:"input_tokens"`
	Output    int    `dynamodbav:"output_tokens"`
	Estimated bool   `dynamodbav:"estimated"`
}

func (r ledgerRow) entry() ledger.Entry {
	e := ledger.Entry{ID: r.ID, OrgID: r.OrgID, Kind: ledger.EntryKind(r.Kind), Amount: ledger.Credits(r.Amount), Reason: r.Reason, At: unstamp(r.At)}
	if r.Kind == "" {
		e.Kind, e.Amount = ledger.Charge, -ledger.Credits(r.Charge)
		e.AgentID, e.ThreadID, e.KeyID, e.Channel, e.Model = r.AgentID, r.ThreadID, r.KeyID, r.Channel, r.Model
		e.Input, e.Output, e.Estimated = r.Input, r.Output, r.Estimated
	}
	return e
}
