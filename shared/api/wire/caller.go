package wire

import (
	"context"
	"net/http"
	"strings"

	"github.com/quintet-agents/quintet/shared/account"
)

// Authenticator knows callers by their credentials.
type Authenticator interface {
	// Authenticate returns account.ErrUnauthorized for a credential that is not
	// live.
	Authenticate(ctx context.Context, credential string) (account.Caller, error)
	// Origins returns the origins that an org allows; nil when it has not said.
	Origins(ctx context.Context, orgID string) ([]string, error)
}

// AuthorizedFunc is a HandlerFunc for a known caller.
type AuthorizedFunc func(w http.ResponseWriter, r *http.Request, caller account.Caller) error

// Authorized runs h for requests that carry a live credential; one without any
// gets account.ErrNoCredential. The body is not looked at before that.
func Authorized(auth Authenticator, h AuthorizedFunc) HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) error {
		credential, byCookie := Credential(r)
		if credential == "" {
			return account.ErrNoCredential
		}
		caller, err := auth.Authenticate(r.Context(), credential)
		if err != nil {
			return err
		}
		if err := allowOrigin(w, r, auth, caller.OrgID); err != nil {
			return err
		}
		if byCookie {
			if err := RefuseForgery(r, auth, caller.OrgID); err != nil {
				return err
			}
		}
		return h(w, r, caller)
	}
}

// SessionCookie is the cookie that carries a session token.
const SessionCookie = "af_session"

// Credential returns the key or session token that a request carries, as
// `Authorization: Bearer K`, `Authorization: K`, `x-api-key: K` or the session
// cookie, in this order; empty when there is none. byCookie says that a browser
// may have sent it without its user's wish.
func Credential(r *http.Request) (credential string, byCookie bool) {
	if v := strings.TrimSpace(r.Header.Get("Authorization")); v != "" {
		scheme, key, ok := strings.Cut(v, " ")
		if ok && strings.EqualFold(scheme, "Bearer") {
			return bare(key), false
		}
		return bare(v), false
	}
	if v := strings.TrimSpace(r.Header.Get("X-Api-Key")); v != "" {
		return bare(v), false
	}
	if cookie, err := r.Cookie(SessionCookie); err == nil && cookie.Value != "" {
		return bare(cookie.Value), true
	}
	return "", false
}

// bare takes the cookie's name away from a value that was pasted with it.
func bare(value string) string {
	return strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(value), SessionCookie+"="))
}
