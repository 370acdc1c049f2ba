package wire

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/quintet-agents/quintet/shared/fault"
)

// RefuseForgery reports an error for a request that changes something and that
// a foreign page has made a browser send, with whatever cookies the browser
// has. Those that the org names in its settings are not foreign; that it lets
// any origin read answers is no such name.
func RefuseForgery(r *http.Request, auth Authenticator, orgID string) error {
	if !IsForeign(r) {
		return nil
	}
	if origin := r.Header.Get("Origin"); origin != "" && origin != anyOrigin {
		allowed, err := auth.Origins(r.Context(), orgID)
		if err != nil {
			return err
		}
		if slices.Contains(allowed, origin) {
			return nil
		}
	}
	return ErrForgery
}

// ErrForgery is what a foreign page gets that would change something by the
// session cookie, or the session cookie itself.
var ErrForgery = fault.New(fault.Forbidden, "Pages of this origin may not use the session cookie")

// IsForeign reports whether a request may change something and was sent by a
// page of another host than the API's own. A client that is no browser says
// nothing about pages and is not meant.
func IsForeign(r *http.Request) bool {
	switch r.Method {
	case http.MethodGet, http.MethodHead, http.MethodOptions:
		return false
	}
	origin, site := r.Header.Get("Origin"), r.Header.Get("Sec-Fetch-Site")
	return !isOwn(origin, r.Host) || !isOwnSite(site)
}

// isOwn reports whether an origin is the API itself; so is none at all.
func isOwn(origin, host string) bool {
	if origin == "" {
		return true
	}
	u, err := url.Parse(origin)
	return err == nil && u.Host != "" && strings.EqualFold(u.Host, host)
}

func isOwnSite(site string) bool {
	return site == "" || site == "same-origin" || site == "none"
}
