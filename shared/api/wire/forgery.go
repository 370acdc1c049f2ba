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
// has. Pages of the API's own host are not foreign, nor are those that the org
// names in its settings; that it lets any origin read answers is no such name.
// A client that is no browser says nothing about pages and is not meant.
func RefuseForgery(r *http.Request, auth Authenticator, orgID string) error {
	switch r.Method {
	case http.MethodGet, http.MethodHead, http.MethodOptions:
		return nil
	}
	origin, site := r.Header.Get("Origin"), r.Header.Get("Sec-Fetch-Site")
	if origin == "" && site == "" || isOwn(origin, r.Host) && isOwnSite(site) {
		return nil
	}
	if origin != "" && origin != anyOrigin {
		allowed, err := auth.Origins(r.Context(), orgID)
		if err != nil {
			return err
		}
		if slices.Contains(allowed, origin) {
			return nil
		}
	}
	return fault.New(fault.Forbidden, "Pages of this origin may not use the session cookie")
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
