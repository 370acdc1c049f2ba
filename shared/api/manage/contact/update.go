package contact

import (
	"context"
	"net/http"

	"github.com/quintet-agents/quintet/shared/api/manage/frame"
	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/api/wire/body"
	"github.com/quintet-agents/quintet/shared/idempotency"
	"github.com/quintet-agents/quintet/shared/identity"
	"github.com/quintet-agents/quintet/shared/inbox"
)

// Updater changes contacts.
type Updater interface {
	wire.Keeper
	UpdateContact(ctx context.Context, once *idempotency.Change, orgID, id string, p inbox.ContactPatch) (inbox.Contact, error)
}

// Update answers PATCH /contacts/{id}: another name, and whether the person wants messages.
func Update(auth wire.Authenticator, contacts Updater) http.Handler {
	return frame.Change(auth, identity.Caller.MayManage, contacts, func(r *http.Request, caller identity.Caller, once *idempotency.Change) (inbox.Contact, error) {
		id, err := contactID(r)
		if err != nil {
			return inbox.Contact{}, err
		}
		fields, err := body.Read(r)
		if err != nil {
			return inbox.Contact{}, err
		}
		p, err := readPatch(fields)
		if err != nil {
			return inbox.Contact{}, err
		}
		return contacts.UpdateContact(r.Context(), once, caller.OrgID, id, p)
	}, http.StatusOK, ShapeOf)
}

func readPatch(fields body.Object) (p inbox.ContactPatch, err error) {
	fields = fields.Allow("name", "opted_out")
	if p.Name, err = fields.OptionalString("name", inbox.ContactNameRule); err != nil {
		return p, err
	}
	if p.Name != nil {
		if *p.Name, err = inbox.CleanContactName(*p.Name); err != nil {
			return p, err
		}
	}
	if p.OptedOut, err = fields.OptionalBool("opted_out"); err != nil {
		return p, err
	}
	if p == (inbox.ContactPatch{}) {
		return p, fields.NoChange()
	}
	return p, nil
}
