package credits

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/quintet-agents/quintet/shared/api/manage/frame"
	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/identity"
	"github.com/quintet-agents/quintet/shared/ledger"
)

// EntryLister lists the entries of ledgers.
type EntryLister interface {
	Entries(ctx context.Context, orgID string, before *ledger.Entry, limit int) ([]ledger.Entry, error)
}

// EntryShape is the shape of a ledger entry.
type EntryShape struct {
	ID        string           `json:"id"`
	Kind      ledger.EntryKind `json:"kind"`
	Amount    json.Number      `json:"amount"`         // negative for a charge
	Reason    *string          `json:"reason"`         // of an operator's entry
	Turn      *turnShape       `json:"turn,omitempty"` // of a charge
	CreatedAt string           `json:"created_at"`
}

type turnShape struct {
	AgentID      string `json:"agent_id"`
	ThreadID     string `json:"thread_id"`
	KeyID        string `json:"key_id"`
	Channel      string `json:"channel"`
	Model        string `json:"model"`
	InputTokens  int    `json:"input_tokens"`
	OutputTokens int    `json:"output_tokens"`
	Estimated    bool   `json:"estimated"`
}

// ShapeOfEntry returns the shape of an entry.
func ShapeOfEntry(e ledger.Entry) EntryShape {
	s := EntryShape{ID: e.ID, Kind: e.Kind, Amount: e.Amount.Number(), CreatedAt: wire.Date(e.At)}
	if e.Kind == ledger.Charge {
		s.Turn = &turnShape{
			AgentID: e.AgentID, ThreadID: e.ThreadID, KeyID: e.KeyID, Channel: e.Channel, Model: e.Model,
			InputTokens: e.Input, OutputTokens: e.Output, Estimated: e.Estimated,
		}
	} else {
		s.Reason = &e.Reason
	}
	return s
}

// EntryList answers GET /credits/ledger: a page of the org's ledger entries, newest first.
func EntryList(auth wire.Authenticator, entries EntryLister) http.Handler {
	return frame.List(auth, identity.Caller.MayManage, func(r *http.Request, caller identity.Caller, after *frame.Cursor, limit int) ([]ledger.Entry, error) {
		return entries.Entries(r.Context(), caller.OrgID, frame.LastRow(after, entryAt), limit)
	}, ShapeOfEntry, placeOfEntry)
}

func placeOfEntry(e ledger.Entry) frame.Cursor { return frame.Cursor{ID: e.ID, At: e.At} }
func entryAt(c frame.Cursor) ledger.Entry      { return ledger.Entry{ID: c.ID, At: c.At} }
