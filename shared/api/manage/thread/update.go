package thread

import (
	"net/http"

	"github.com/quintet-agents/quintet/shared/api/manage/frame"
	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/api/wire/body"
	"github.com/quintet-agents/quintet/shared/idempotency"
	"github.com/quintet-agents/quintet/shared/identity"
	"github.com/quintet-agents/quintet/shared/inbox"
	"github.com/quintet-agents/quintet/shared/thread"
)

// Update answers PATCH /threads/{id}: another title, or whether a person answers instead of the agent.
func Update(auth wire.Authenticator, kept wire.Keeper, desk *inbox.Desk) http.Handler {
	return frame.Change(auth, identity.Caller.MayManage, kept, func(r *http.Request, caller identity.Caller, once *idempotency.Change) (inbox.View, error) {
		id, err := threadID(r)
		if err != nil {
			return inbox.View{}, err
		}
		fields, err := body.Read(r)
		if err != nil {
			return inbox.View{}, err
		}
		p, err := readPatch(fields)
		if err != nil {
			return inbox.View{}, err
		}
		return desk.Update(r.Context(), once, caller.OrgID, id, p)
	}, http.StatusOK, shapeOfWhole)
}

func readPatch(fields body.Object) (p inbox.ThreadPatch, err error) {
	fields = fields.Allow("title", "handed_over")
	if p.Title, err = fields.OptionalString("title", thread.TitleRule); err != nil {
		return p, err
	}
	if p.Title != nil {
		if *p.Title, err = thread.CleanTitle(*p.Title); err != nil {
			return p, err
		}
	}
	if p.HandedOver, err = fields.OptionalBool("handed_over"); err != nil {
		return p, err
	}
	if p == (inbox.ThreadPatch{}) {
		return p, fields.NoChange()
	}
	return p, nil
}
