// Package frame has the common code of the managing API's handlers: Read, Change and Delete, and
// List with its Cursor. The packages beside it have the handlers of one noun each. All answers have
// Flametalk's envelope.
package frame

import (
	"net/http"

	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/api/wire/envelope"
	"github.com/quintet-agents/quintet/shared/idempotency"
	"github.com/quintet-agents/quintet/shared/identity"
)

// Read answers a read with the result of do. may refuses callers; nil refuses none.
func Read[S any](auth wire.Authenticator, may func(identity.Caller) error, do func(*http.Request, identity.Caller) (S, error)) http.Handler {
	return asked(auth, may, func(w http.ResponseWriter, r *http.Request, caller identity.Caller) error {
		s, err := do(r, caller)
		if err != nil {
			return err
		}
		return envelope.Show(w, s)
	})
}

// Change answers a change with the status and the shape of do's result. Under an idempotency key, the
// store keeps that answer; see wire.Changes.
func Change[T, S any](
	auth wire.Authenticator, may func(identity.Caller) error, kept wire.Keeper,
	do func(r *http.Request, caller identity.Caller, once *idempotency.Change) (T, error), status int, shape func(T) S,
) http.Handler {
	return wire.Handle(envelope.WriteError, wire.Changes(auth, may, kept, do, func(t T) wire.Answer { return envelope.Changed(status, shape(t)) }))
}

// Delete answers a deletion, which do performs.
func Delete(
	auth wire.Authenticator, may func(identity.Caller) error, kept wire.Keeper,
	do func(r *http.Request, caller identity.Caller, once *idempotency.Change) error,
) http.Handler {
	return Change(auth, may, kept, func(r *http.Request, caller identity.Caller, once *idempotency.Change) (struct{}, error) {
		return struct{}{}, do(r, caller, once)
	}, http.StatusOK, func(struct{}) envelope.Deleted { return envelope.Deleted{Deleted: true} })
}

// List answers a read with the requested page; see Page.
func List[T, S any](
	auth wire.Authenticator, may func(identity.Caller) error,
	read func(r *http.Request, caller identity.Caller, after *Cursor, limit int) ([]T, error), shape func(T) S, place func(T) Cursor,
) http.Handler {
	return asked(auth, may, func(w http.ResponseWriter, r *http.Request, caller identity.Caller) error {
		return Page(w, r, func(after *Cursor, limit int) ([]T, error) { return read(r, caller, after, limit) }, shape, place)
	})
}

func asked(auth wire.Authenticator, may func(identity.Caller) error, do func(http.ResponseWriter, *http.Request, identity.Caller) error) http.Handler {
	return wire.Handle(envelope.WriteError, wire.Authorized(auth, func(w http.ResponseWriter, r *http.Request, caller identity.Caller) error {
		if may != nil {
			if err := may(caller); err != nil {
				return err
			}
		}
		return do(w, r, caller)
	}))
}
