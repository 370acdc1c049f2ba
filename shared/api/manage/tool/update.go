package tool

import (
	"context"
	"net/http"

	"github.com/quintet-agents/quintet/shared/agent"
	"github.com/quintet-agents/quintet/shared/api/manage/frame"
	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/api/wire/body"
	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/idempotency"
	"github.com/quintet-agents/quintet/shared/identity"
	"github.com/quintet-agents/quintet/shared/tool"
	"github.com/quintet-agents/quintet/shared/tool/pin"
)

// Update answers PATCH /agents/{id}/tools/{tool_id} with the changed tool.
func Update(auth wire.Authenticator, agents Changer, desk Desk) http.Handler {
	return perRequest(func(r *http.Request) http.Handler {
		_, id, _ := path(r) // an error is returned below
		var found []pin.Found
		return frame.Change(auth, identity.Caller.MayManage, agents, func(r *http.Request, caller identity.Caller, once *idempotency.Change) (agent.Version, error) {
			ofAgent, id, err := path(r)
			if err != nil {
				return agent.Version{}, err
			}
			fields, err := body.Read(r)
			if err != nil {
				return agent.Version{}, err
			}
			before, after, listed, err := desk.change(r.Context(), agents, fields, tool.Owner{OrgID: caller.OrgID, AgentID: ofAgent, ToolID: id})
			if err != nil {
				return agent.Version{}, err
			}
			found = listed
			return agents.ChangeDraft(r.Context(), once, caller.OrgID, ofAgent, desk.Now(), func(v *agent.Version) error {
				i, err := index(*v, id)
				if err != nil {
					return err
				}
				if !v.Tools[i].UpdatedAt.Equal(before.UpdatedAt) {
					return errChanged
				}
				if err := unique(*v, after); err != nil {
					return err
				}
				v.Tools[i] = after
				return nil
			})
		}, http.StatusOK, func(v agent.Version) toolShape { return shape(v, id, found, "") })
	})
}

// change returns a tool before and after a change, with what its MCP server lists if that had
// to be asked.
func (d Desk) change(ctx context.Context, agents Reader, fields body.Object, o tool.Owner) (before, after agent.Tool, found []pin.Found, err error) {
	v, err := agents.Newest(ctx, o.OrgID, o.AgentID)
	if err != nil {
		return before, after, nil, err
	}
	i, err := index(v, o.ToolID)
	if err != nil {
		return before, after, nil, err
	}
	before = v.Tools[i]
	c, err := readPatch(fields, before.Type)
	if err != nil {
		return before, after, nil, err
	}
	after = before
	choices, err := d.prepare(ctx, c, &after, o.OrgID, o.AgentID)
	if err != nil {
		return before, after, nil, err
	}
	if err := keepsSecrets(before, after); err != nil {
		return before, after, nil, err
	}
	if after.Type == agent.MCPTool && (choices != nil || after.URL != before.URL || !sameHeaders(before, after)) {
		found, after.Allow, err = d.discover(ctx, o.OrgID, o.AgentID, after, c, choices)
	}
	after.UpdatedAt = d.Now()
	return before, after, found, err
}

// errChanged is the error of a change that another one has overtaken.
var errChanged = fault.New(fault.Conflict, "The tool was changed by another request at the same time; read it and try again")

// keepsSecrets returns an Invalid error if a stored secret would go to another host than the
// one that it was given for.
func keepsSecrets(before, after agent.Tool) error {
	if origin(before.URL) == origin(after.URL) {
		return nil
	}
	for name, sealed := range after.SecretHeaders {
		if string(before.SecretHeaders[name]) == string(sealed) {
			return fault.Field("secret_headers", "secret_headers must be given again, or be null, because url leads to another host")
		}
	}
	return nil
}
