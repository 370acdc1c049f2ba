// Package session logs users in and out.
package session

import (
	"context"
	"net"
	"net/http"
	"time"

	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/api/wire/body"
	"github.com/quintet-agents/quintet/shared/api/wire/envelope"
	"github.com/quintet-agents/quintet/shared/idempotency"
	"github.com/quintet-agents/quintet/shared/identity"
)

// Gate logs users in.
type Gate interface {
	LogIn(ctx context.Context, l identity.Login) (identity.Granted, error)
}

// Keeper stores the answers to log-ins.
type Keeper interface {
	wire.Keeper
	// ConfirmSession stores the answer to a request that began a session.
	ConfirmSession(ctx context.Context, once *idempotency.Change, s identity.Session) error
}

// loggedIn is the body of the answer to a log-in. Only the cookie has the token, so that scripts cannot
// read it.
type loggedIn struct {
	User      sessionUser `json:"user"`
	OrgID     string      `json:"org_id"`
	ExpiresAt string      `json:"expires_at"`
}

type sessionUser struct {
	ID    string        `json:"id"`
	Email string        `json:"email"`
	Role  identity.Role `json:"role"`
}

// Create answers POST /auth/login: it sets the session cookie.
//
// A foreign page must not log its visitors in to a session of its choice, nor use up their attempts. No
// org's settings can allow that, because the page would choose the org.
//
// Under an idempotency key, the password is also checked first, because a key proves nothing. Neither the
// password (not even as a hash) nor the token is stored, so a replayed answer has no cookie.
func Create(gate Gate, kept Keeper, now func() time.Time) http.Handler {
	return wire.NoStore(wire.Handle(envelope.WriteError, func(w http.ResponseWriter, r *http.Request) error {
		if wire.IsForeign(r) {
			return wire.ErrForgery
		}
		l, err := readLogin(r)
		if err != nil {
			return err
		}
		if err := wire.CheckKey(r); err != nil {
			return err // before a temporary password is used up
		}
		granted, err := gate.LogIn(r.Context(), l)
		if err != nil {
			return err
		}
		session, caller := granted.Session, granted.Caller
		wire.KnowOrg(r.Context(), caller.OrgID)
		key, err := wire.Key(r, caller.OrgID, []byte(l.Email))
		if err != nil {
			return err
		}
		begin := func(once *idempotency.Change) (identity.Session, error) {
			if err := kept.ConfirmSession(r.Context(), once, session); err != nil {
				return identity.Session{}, err
			}
			setSession(w, r, granted.Token, session.ExpiresAt.Sub(now()))
			setDevice(w, r, l.Email, granted.Device)
			return session, nil
		}
		return wire.Change(w, r, caller, kept, key, begin, func(s identity.Session) wire.Answer {
			return envelope.Changed(http.StatusOK, loggedIn{
				User:  sessionUser{ID: caller.UserID, Email: l.Email, Role: caller.Role},
				OrgID: caller.OrgID, ExpiresAt: wire.Date(s.ExpiresAt),
			})
		})
	}))
}

func readLogin(r *http.Request) (identity.Login, error) {
	fields, err := body.Read(r)
	if err != nil {
		return identity.Login{}, err
	}
	l := identity.Login{Address: address(r)}
	fields = fields.Allow("email", "password", "new_password")
	if l.Email, err = fields.String("email", identity.EmailRule); err != nil {
		return identity.Login{}, err
	}
	if l.Email, err = identity.CleanEmail(l.Email); err != nil {
		return identity.Login{}, err
	}
	if l.Password, err = fields.String("password", "must be a string"); err != nil {
		return identity.Login{}, err
	}
	chosen, err := fields.OptionalString("new_password", identity.PasswordRule)
	if err != nil {
		return identity.Login{}, err
	}
	if chosen != nil {
		l.NewPassword = *chosen
		if err := identity.ValidatePassword("new_password", l.NewPassword); err != nil {
			return identity.Login{}, err
		}
	}
	if known, err := r.Cookie(deviceCookie(l.Email)); err == nil {
		l.Device = known.Value
	}
	return l, nil
}

// address returns the client's IP address from the gateway. It ignores headers.
func address(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr // API Gateway sends no port
	}
	return host
}
