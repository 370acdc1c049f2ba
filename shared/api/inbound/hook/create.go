// Package hook answers the webhooks that start automations. It is apart from package inbound, so
// that its function links no providers of channels.
package hook

import (
	"log/slog"
	"net/http"

	"github.com/quintet-agents/quintet/shared/api/inbound/frame"
	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/api/wire/body"
	"github.com/quintet-agents/quintet/shared/automation"
	"github.com/quintet-agents/quintet/shared/automation/hook"
	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/idempotency"
	"github.com/quintet-agents/quintet/shared/identity"
)

// accepted is the answer to a request whose run is stored.
type accepted struct {
	RunID string `json:"run_id"`
}

// Create answers POST /api/webhooks/automations/{path}. A request that is repeated gets the first
// answer again and starts no second run.
func Create(to *hook.Receiver, kept wire.Keeper) http.Handler {
	return wire.Handle(frame.WriteError, func(w http.ResponseWriter, r *http.Request) error {
		raw, err := body.Bytes(r, hook.MaxBody)
		if err != nil {
			return err
		}
		at, err := to.Find(r.Context(), r.PathValue("path"))
		if err != nil {
			return err
		}
		id, err := to.Verify(r.Context(), at, r.Header, raw)
		if err != nil {
			return refused(r, at, err)
		}
		wire.KnowOrg(r.Context(), at.OrgID)
		if at.Disabled {
			return hook.ErrDisabled
		}
		if automation.Chained(r.Header.Values(automation.ChainHeader), at.AutomationID) {
			return hook.ErrLoop
		}
		trigger, err := hook.Read(r.Header, raw)
		if err != nil {
			return err
		}
		key, err := keyOf(r, at, id, raw)
		if err != nil {
			return err
		}
		return wire.Change(w, r, identity.Caller{OrgID: at.OrgID}, kept, key, func(once *idempotency.Change) (automation.Run, error) {
			return to.Start(r.Context(), once, at, trigger)
		}, func(run automation.Run) wire.Answer {
			return wire.Answer{Status: http.StatusAccepted, Body: accepted{run.ID}}
		})
	})
}

// refused logs a request that is not authentic. Any other error is ours, and is logged as such.
func refused(r *http.Request, at automation.Hook, err error) error {
	if fault.Is(err, fault.Unauthorized) {
		slog.WarnContext(r.Context(), "webhook refused", "org_id", at.OrgID, "automation_id", at.AutomationID, "cause", fault.From(err).Message)
	}
	return err
}

// keyOf returns what makes a request a repetition of another one, or nil: the id that its signature
// covers, else its Idempotency-Key, else its webhook-id together with its body, because anybody who
// has seen a signed request could send it with another id.
func keyOf(r *http.Request, at automation.Hook, signedID string, raw []byte) (*idempotency.Key, error) {
	if signedID != "" {
		key := idempotency.Event(at.OrgID, hook.Kept, at.AutomationID, signedID)
		return &key, nil
	}
	key, err := wire.Key(r, at.OrgID, raw)
	if key != nil || err != nil {
		return key, err
	}
	if id := r.Header.Get("webhook-id"); id != "" {
		key := idempotency.Event(at.OrgID, hook.Kept, at.AutomationID, id, string(raw))
		return &key, nil
	}
	return nil, nil
}
