package flowgent

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"

	"github.com/quintet-agents/quintet/shared/agent"
	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/api/wire/body"
	"github.com/quintet-agents/quintet/shared/channel"
	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/identity"
)

// TemplateSender sends templates (see channel.Outbox).
type TemplateSender interface {
	Send(ctx context.Context, o channel.Order) (answer []byte, replayed bool, err error)
}

// TemplateCreate answers POST /api/public/agent/{agent_id}/waba: it sends a WhatsApp template
// over the agent's connection, with Meta's answer unchanged.
func TemplateCreate(auth wire.Authenticator, agents agent.Reader, outbox TemplateSender, phones PhoneReader) http.Handler {
	return wire.Handle(writeTemplateError, wire.Authorized(auth, func(w http.ResponseWriter, r *http.Request, caller identity.Caller) error {
		ref, err := agentID(r)
		if err != nil {
			return err
		}
		fields, err := body.Read(r)
		if err != nil {
			return err
		}
		q, err := templateOf(fields, phones)
		if err != nil {
			return err
		}
		once, err := wire.Key(r, caller.OrgID, fields.Raw)
		if err != nil {
			return err
		}
		live, err := agent.Find(r.Context(), agents, caller.OrgID, ref)
		if err != nil {
			return err
		}
		if err := caller.May(live.AgentID); err != nil {
			return err
		}
		answer, replayed, err := outbox.Send(r.Context(), channel.Order{
			OrgID: caller.OrgID, AgentID: live.AgentID, To: q.to, Name: q.customer, Template: q.template, Once: once,
		})
		wire.MarkReplayed(w, replayed)
		if f, ok := errors.AsType[*channel.SendError](err); ok {
			wire.Log(r.Context(), fault.New(fault.Conflict, "%s", f.Message).Because(f))
			return failTemplate(w, f)
		}
		if err != nil {
			return err
		}
		return wire.JSON(w, http.StatusOK, json.RawMessage(answer))
	}))
}

// writeTemplateError writes an error in the surface's form. A missing connection has a text
// of the vendor's.
func writeTemplateError(w http.ResponseWriter, e *fault.Error) {
	if errors.Is(e, channel.ErrNoConnection) {
		_ = wire.JSON(w, http.StatusNotFound, failure{Error: "WhatsApp connection not found", Message: e.Message})
		return
	}
	WriteError(w, e)
}
