package dynamo

import (
	"github.com/quintet-agents/quintet/shared/event"
	"github.com/quintet-agents/quintet/shared/ledger"
)

type standingRow struct {
	PK        string `dynamodbav:"pk"`
	SK        string `dynamodbav:"sk"`
	OrgID     string `dynamodbav:"org_id"`
	Changes   int    `dynamodbav:"changes"`
	Below     int    `dynamodbav:"below"`
	Told      int    `dynamodbav:"told"`
	FoundAt   string `dynamodbav:"found_at"`
	Balance   int64  `dynamodbav:"balance"`
	Available int64  `dynamodbav:"available"`
}

func standingRowOf(s event.Standing) standingRow {
	at := standingKey(s.OrgID)
	return standingRow{
		PK: at.pk, SK: at.sk, OrgID: s.OrgID, Changes: s.Changes, Below: s.Below, Told: s.Told,
		FoundAt: stamp(s.At), Balance: int64(s.Balance), Available: int64(s.Available),
	}
}

func (r standingRow) standing() event.Standing {
	return event.Standing{
		OrgID: r.OrgID, Changes: r.Changes, Below: r.Below, Told: r.Told,
		At: unstamp(r.FoundAt), Balance: ledger.Credits(r.Balance), Available: ledger.Credits(r.Available),
	}
}
