package manage

import (
	"context"
	"net/http"
	"time"

	"github.com/quintet-agents/quintet/shared/account"
	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/api/wire/envelope"
	"github.com/quintet-agents/quintet/shared/fault"
)

// Sessions knows sessions by their tokens.
type Sessions interface {
	wire.Authenticator
	// Session returns account.ErrUnauthorized for a token that is no live session.
	Session(ctx context.Context, token string) (account.Session, account.Caller, error)
}

// SessionEnder ends sessions.
type SessionEnder interface {
	EndSession(ctx context.Context, s account.Session, now time.Time) error
}

type loggedOut struct {
	LoggedOut bool `json:"logged_out"`
}

// SessionDelete answers POST /auth/logout: the session ends, everywhere, and
// the cookie is taken away. Where there is no session, there is nothing to do.
func SessionDelete(sessions Sessions, ender SessionEnder, now func() time.Time) http.Handler {
	return wire.Handle(envelope.WriteError, func(w http.ResponseWriter, r *http.Request) error {
		token, byCookie := wire.Credential(r)
		session, caller, err := sessions.Session(r.Context(), token)
		switch {
		case fault.Is(err, fault.Unauthorized) && wire.IsForeign(r):
			// The cookie of a live session does not come with a page's form, so
			// that there is none here says nothing of what the browser has.
			return envelope.Show(w, loggedOut{LoggedOut: true})
		case fault.Is(err, fault.Unauthorized):
		case err != nil:
			return err
		default:
			if byCookie {
				if err := wire.RefuseForgery(r, sessions, caller.OrgID); err != nil {
					return err
				}
			}
			if err := ender.EndSession(r.Context(), session, now()); err != nil {
				return err
			}
		}
		setSession(w, r, "", 0)
		return envelope.Show(w, loggedOut{LoggedOut: true})
	})
}
