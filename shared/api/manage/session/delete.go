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

// Sessions finds sessions by their tokens.
type Sessions interface {
	wire.Authenticator
	// Session returns the session and the caller of a token. The error is
	// identity.ErrUnauthorized unless the session is live; for an ended session, the results are
	// set all the same.
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

// Delete answers POST /auth/logout: it ends the session everywhere and removes the cookie. It is a no-op
// without a session. An idempotency key belongs to the session, so that a replay never leaves another
// session open.
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
			// A browser does not send the cookie with a form of another site's page. So the browser may
			// still have a session, and its cookie must stay.
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
		setSession(w, r, "", 0) // a replayed answer removes the cookie too
		err = wire.Change(w, r, caller, ender, key, end, func(struct{}) wire.Answer {
			return envelope.Changed(http.StatusOK, loggedOut{LoggedOut: true})
		})
		if err != nil {
			w.Header().Del("Set-Cookie")
		}
		return err
	}))
}
