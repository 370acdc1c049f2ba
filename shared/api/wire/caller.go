package wire

import (
	"context"
	"net/http"

	"github.com/quintet-agents/quintet/shared/identity"
)

// Authenticator finds callers by their credentials.
type Authenticator interface {
	// Authenticate returns identity.ErrUnauthorized for a credential that is not
	// live.
	Authenticate(ctx context.Context, credential string) (identity.Caller, error)
	// Origins returns the origins that an org allows, or nil if it has not set them.
	Origins(ctx context.Context, orgID string) ([]string, error)
}

// AuthorizedFunc is a HandlerFunc with an authenticated caller.
type AuthorizedFunc func(w http.ResponseWriter, r *http.Request, caller identity.Caller) error

// Authorized runs h for requests with a live credential. The error for a request without any is
// identity.ErrNoCredential. The body is not read before that check.
func Authorized(auth Authenticator, h AuthorizedFunc) HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) error {
		var caller identity.Caller
		byCookie, err := Identify(r, func(credential string) (err error) {
			caller, err = auth.Authenticate(r.Context(), credential)
			return err
		})
		if err != nil {
			return err
		}
		KnowOrg(r.Context(), caller.OrgID)
		if err := AllowOrigin(w, r, auth, caller.OrgID); err != nil {
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
