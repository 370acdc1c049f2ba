package tool

import (
	"net/http"

	"github.com/quintet-agents/quintet/shared/agent"
	"github.com/quintet-agents/quintet/shared/api/manage/frame"
	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/api/wire/body"
	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/idempotency"
	"github.com/quintet-agents/quintet/shared/identity"
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
			v, err := agents.Newest(r.Context(), caller.OrgID, ofAgent)
			if err != nil {
				return agent.Version{}, err
			}
			i, err := index(v, id)
			if err != nil {
				return agent.Version{}, err
			}
			before := v.Tools[i]
			c, err := readPatch(fields, before.Type)
			if err != nil {
				return agent.Version{}, err
			}
			after := before
			choices, err := desk.prepare(r.Context(), c, &after, caller.OrgID, ofAgent)
			if err != nil {
				return agent.Version{}, err
			}
			if err := keepsSecrets(before, after); err != nil {
				return agent.Version{}, err
			}
			asks := after.Type == agent.MCPTool && (choices != nil || after.URL != before.URL || !sameHeaders(before, after))
			if asks {
				if found, after.Allow, err = desk.discover(r.Context(), caller.OrgID, ofAgent, after, c, choices); err != nil {
					return agent.Version{}, err
				}
			}
			after.UpdatedAt = desk.Now()
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
