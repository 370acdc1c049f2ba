package identity

import (
	"context"
	"strings"
	"time"

	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/recall"
)

// Reader reads the rows that identify the owner of a credential.
type Reader interface {
	// KeyByHash returns a key by its hash, or NotFound.
	KeyByHash(ctx context.Context, hash string) (Key, error)
	// User returns a user, or NotFound.
	User(ctx context.Context, userID string) (User, error)
	// Org returns an org, or NotFound.
	Org(ctx context.Context, orgID string) (Org, error)
}

// SessionVerifier checks session tokens.
type SessionVerifier interface {
	// Verify returns ErrUnauthorized for a token that is invalid or has expired. Any
	// other error means that the token could not be checked.
	Verify(ctx context.Context, token string) (Session, error)
}

// Authenticator finds the callers of credentials. It caches keys, users and orgs for some
// seconds.
type Authenticator struct {
	Sessions SessionVerifier // nil: only keys are accepted

	rows  Reader
	now   func() time.Time
	keys  keyring
	users recall.Rows[User]
	orgs  recall.Rows[Org]
}

// NewAuthenticator returns an Authenticator that reads from rows.
func NewAuthenticator(rows Reader, now func() time.Time) *Authenticator {
	return &Authenticator{rows: rows, now: now, keys: keyring{rows: rows, now: now}}
}

// Authenticate returns the caller of a key or a session token, or ErrUnauthorized. A
// malformed credential costs no read.
func (a *Authenticator) Authenticate(ctx context.Context, credential string) (Caller, error) {
	if IsSessionToken(credential) {
		_, caller, err := a.Session(ctx, credential)
		if err != nil {
			return Caller{}, err
		}
		return caller, nil
	}
	return a.byKey(ctx, credential)
}

// HasForm reports whether a credential has the form of one of ours: an org's key, an
// operator's key or a session token.
func HasForm(credential string) bool {
	return WellFormed(credential) || wellFormed(credential, []string{operatorPrefix}) || IsSessionToken(credential)
}

// IsSessionToken reports whether a credential has the shape of a session token,
// three parts of base64url between dots, which no key has.
func IsSessionToken(credential string) bool {
	parts := strings.Split(credential, ".")
	for _, part := range parts {
		if part == "" || strings.Trim(part, alphabet+"-_") != "" {
			return false
		}
	}
	return len(parts) == 3
}

func (a *Authenticator) byKey(ctx context.Context, raw string) (Caller, error) {
	if !WellFormed(raw) {
		return Caller{}, ErrUnauthorized
	}
	key, err := a.keys.live(ctx, raw)
	return Caller{OrgID: key.OrgID, KeyID: key.ID, AgentID: key.AgentID}, err
}

// Session returns the live session of a token and its caller, or ErrUnauthorized; for a
// session that was ended, it returns both together with the error. The token only proves
// the user's identity. The user's row has the membership, the role and the ended sessions.
func (a *Authenticator) Session(ctx context.Context, token string) (Session, Caller, error) {
	if a.Sessions == nil {
		return Session{}, Caller{}, ErrUnauthorized
	}
	s, err := a.Sessions.Verify(ctx, token)
	if err != nil {
		return Session{}, Caller{}, err
	}
	user, err := a.users.Get(ctx, a.now(), s.UserID, a.rows.User)
	if fault.Is(err, fault.NotFound) {
		return Session{}, Caller{}, ErrUnauthorized
	}
	if err != nil {
		return Session{}, Caller{}, err
	}
	if !user.RemovedAt.IsZero() {
		return Session{}, Caller{}, ErrUnauthorized
	}
	caller := Caller{OrgID: user.OrgID, UserID: user.ID, Role: user.Role}
	if _, ended := user.Ended[s.ID]; ended {
		return s, caller, ErrUnauthorized
	}
	return s, caller, nil
}

// Origins returns the origins that an org allows, or nil if it has not set them.
func (a *Authenticator) Origins(ctx context.Context, orgID string) ([]string, error) {
	org, err := a.orgs.Get(ctx, a.now(), orgID, a.rows.Org)
	return org.AllowedOrigins, err
}
