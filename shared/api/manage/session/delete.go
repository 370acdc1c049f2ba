package session

import (
	"context"
	"net/http"
	"time"

	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/api/wire/envelope"
	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/idempotency"
	"github.com/quintet-agents/quintet/shared/identity"
)

// Sessions knows sessions by their tokens.
type Sessions interface {
	wire.Authenticator
	// Session returns identity.ErrUnauthorized for a token that is no live
	// session, and of one that was ended who it was.
	Session(ctx context.Context, token string) (identity.Session, identity.Caller, error)
}

// Ender ends sessions.
type Ender interface {
	wire.Keeper
	EndSession(ctx context.Context, once *idempotency.Change, s identity.Session, now time.Time) error
}

type loggedOut struct {
	LoggedOut bool `json:"logged_out"`
}

// Delete answers POST /auth/logout: the session ends, everywhere, and
// the cookie is taken away. Where there is no session, there is nothing to do.
// An idempotency key is the session's, so that it never keeps another open.
func Delete(sessions Sessions, ender Ender, now func() time.Time) http.Handler {
	return wire.NoStore(wire.Handle(envelope.WriteError, func(w http.ResponseWriter, r *http.Request) error {
		if err := wire.CheckKey(r); err != nil {
			return err
		}
		var session identity.Session
		var caller identity.Caller
		byCookie, err := wire.Identify(r, func(token string) error {
			s, c, err := sessions.Session(r.Context(), token)
			if err == nil || s.ID != "" {
				session, caller = s, c
			}
			return err
		})
		switch over := fault.Is(err, fault.Unauthorized); {
		case over && wire.IsForeign(r):
			// The cookie of a live session does not come with a page's form, so
			// that there is none here says nothing of what the browser has.
			return envelope.Show(w, loggedOut{LoggedOut: true})
		case over && session.ID == "":
			setSession(w, r, "", 0)
			return envelope.Show(w, loggedOut{LoggedOut: true})
		case !over && err != nil:
			return err
		}
		wire.KnowOrg(r.Context(), caller.OrgID)
		if err := wire.AllowOrigin(w, r, sessions, caller.OrgID); err != nil {
			return err
		}
		if byCookie {
			if err := wire.RefuseForgery(r, sessions, caller.OrgID); err != nil {
				return err
			}
		}
		key, err := wire.Key(r, caller.OrgID, []byte(session.ID))
		if err != nil {
			return err
		}
		end := func(once *idempotency.Change) (struct{}, error) {
			return struct{}{}, ender.EndSession(r.Context(), once, session, now())
		}
		setSession(w, r, "", 0) // a repeated answer, too, takes the cookie away
		err = wire.Change(w, r, caller, ender, key, end, func(struct{}) wire.Answer {
			return envelope.Changed(http.StatusOK, loggedOut{LoggedOut: true})
		})
		if err != nil {
			w.Header().Del("Set-Cookie")
		}
		return err
	}))
}
