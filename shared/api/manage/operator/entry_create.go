package operator

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/quintet-agents/quintet/shared/api/manage/credits"
	"github.com/quintet-agents/quintet/shared/api/manage/frame"
	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/api/wire/body"
	"github.com/quintet-agents/quintet/shared/api/wire/param"
	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/idempotency"
	"github.com/quintet-agents/quintet/shared/identity"
	"github.com/quintet-agents/quintet/shared/ledger"
)

// EntryAdder adds entries to ledgers.
type EntryAdder interface {
	wire.Keeper
	AddEntry(ctx context.Context, once *idempotency.Change, e ledger.Entry) error
}

const maxReason = 500 // characters

var reasonRule = fmt.Sprintf("must be a string of 1 to %d characters", maxReason)

// EntryCreate answers POST /operator/orgs/{org_id}/credits: it adds a top-up or an adjustment to the
// org's ledger. An adjustment cannot take more than is available.
func EntryCreate(operators wire.Authenticator, entries EntryAdder, now func() time.Time) http.Handler {
	return frame.Change(operators, nil, entries, func(r *http.Request, _ identity.Caller, once *idempotency.Change) (ledger.Entry, error) {
		org, err := orgID(r)
		if err != nil {
			return ledger.Entry{}, err
		}
		fields, err := body.Read(r)
		if err != nil {
			return ledger.Entry{}, err
		}
		e, err := readEntry(fields)
		if err != nil {
			return ledger.Entry{}, err
		}
		id, err := uuid.NewV7()
		if err != nil {
			return ledger.Entry{}, err
		}
		e.ID, e.OrgID, e.At = id.String(), org, now().Truncate(time.Millisecond)
		return e, entries.AddEntry(r.Context(), once, e)
	}, http.StatusCreated, credits.ShapeOfEntry)
}

// orgID returns the org id in the path. The error is NotFound for a malformed id.
func orgID(r *http.Request) (string, error) {
	id := param.PathID(r, "org_id")
	if !param.IsID(id) {
		return "", identity.ErrNoOrg
	}
	return id, nil
}

func readEntry(fields body.Object) (ledger.Entry, error) {
	fields = fields.Allow("amount", "kind", "reason")
	amount, err := fields.Credits("amount", -ledger.MaxAmount, ledger.MaxAmount)
	if err != nil {
		return ledger.Entry{}, err
	}
	kind, err := fields.OneOf("kind", string(ledger.TopUp), string(ledger.Adjustment))
	if err != nil {
		return ledger.Entry{}, err
	}
	reason, err := fields.String("reason", reasonRule)
	if err != nil {
		return ledger.Entry{}, err
	}
	e := ledger.Entry{Kind: ledger.EntryKind(kind), Amount: amount, Reason: strings.TrimSpace(reason)}
	switch {
	case e.Kind == ledger.TopUp && amount <= 0:
		return e, fault.Field("amount", "amount must be more than 0 for a topup")
	case amount == 0:
		return e, fault.Field("amount", "amount must not be 0")
	case e.Reason == "" || utf8.RuneCountInString(e.Reason) > maxReason:
		return e, fault.Rule("reason", reasonRule)
	}
	return e, nil
}
