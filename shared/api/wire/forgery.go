package wire

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/quintet-agents/quintet/shared/fault"
)

// RefuseForgery returns ErrForgery for a request that changes something and that a page
// of a foreign origin has made a browser send, with whatever cookies the browser has.
// Origins that the org names in its settings are trusted; "*" names none.
func RefuseForgery(r *http.Request, auth Authenticator, orgID string) error {
	if !IsForeign(r) {
		return nil
	}
	var trusting http.CrossOriginProtection
	if r.Header.Get("Origin") != "" {
		allowed, err := auth.Origins(r.Context(), orgID)
		if err != nil {
			return err
		}
		for _, origin := range allowed {
			// What is no origin, "*" among them, cannot be trusted.
			_ = trusting.AddTrustedOrigin(origin)
		}
	}
	if isForeign(&trusting, r) {
		return ErrForgery
	}
	return nil
}

// ErrForgery is the error for a foreign page that would change something with the
// session cookie, or change the cookie itself.
var ErrForgery = fault.New(fault.Forbidden, "Pages of this origin may not use the session cookie")

// IsForeign reports whether a request may change something and was sent by a page of
// another host than the API's own. Clients that are no browsers send neither Origin nor
// Sec-Fetch-Site, and are not foreign.
func IsForeign(r *http.Request) bool { return isForeign(new(http.CrossOriginProtection), r) }

// isForeign asks the standard library twice, because it takes Sec-Fetch-Site for the
// whole truth: our contract also refuses a foreign Origin beside an own Sec-Fetch-Site.
// Host names are compared in lower case, which the library leaves to the browser.
func isForeign(protection *http.CrossOriginProtection, r *http.Request) bool {
	asked := &http.Request{Method: r.Method, Host: strings.ToLower(r.Host), Header: http.Header{}}
	asked.Header.Set("Origin", strings.ToLower(r.Header.Get("Origin")))
	if protection.Check(asked) != nil {
		return true
	}
	asked.Header.Set("Sec-Fetch-Site", r.Header.Get("Sec-Fetch-Site"))
	return protection.Check(asked) != nil
}

// isOwn reports whether an origin is the API itself; so is none at all.
func isOwn(origin, host string) bool {
	if origin == "" {
		return true
	}
	u, err := url.Parse(origin)
	return err == nil && u.Host != "" && strings.EqualFold(u.Host, host)
}
