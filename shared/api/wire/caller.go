package wire

import (
	"context"
	"net/http"
	"strings"

	"github.com/quintet-agents/quintet/shared/account"
)

// Authenticator turns a credential into its caller.
type Authenticator interface {
	Authenticate(ctx context.Context, raw string) (account.Caller, error)
}

// AuthorizedFunc is a HandlerFunc for a known caller.
type AuthorizedFunc func(w http.ResponseWriter, r *http.Request, caller account.Caller) error

// Authorized runs h for requests that carry a live credential. The body is not
// looked at before that.
func Authorized(auth Authenticator, h AuthorizedFunc) HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) error {
		caller, err := auth.Authenticate(r.Context(), Credential(r.Header))
		if err != nil {
			return err
		}
		return h(w, r, caller)
	}
}

// Credential returns the key that a request carries, as `Authorization: Bearer
// K`, `Authorization: K` or `x-api-key: K`; empty when there is none.
func Credential(h http.Header) string {
	if v := strings.TrimSpace(h.Get("Authorization")); v != "" {
		scheme, key, ok := strings.Cut(v, " ")
		if ok && strings.EqualFold(scheme, "Bearer") {
			return strings.TrimSpace(key)
		}
		return v
	}
	return strings.TrimSpace(h.Get("X-Api-Key"))
}
