package wire

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/quintet-agents/quintet/shared/fault"
)

// RefuseForgery returns ErrForgery for a request that changes something and that a foreign page has made a
// browser send with its cookies. The org's allowed origins are trusted; "*" trusts none.
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
			// The error is for entries that are not origins, such as "*". They are not trusted.
			_ = trusting.AddTrustedOrigin(origin)
		}
	}
	if isForeign(&trusting, r) {
		return ErrForgery
	}
	return nil
}

// ErrForgery is the error for a foreign page's request that changes something with the session cookie, or
// the cookie itself.
var ErrForgery = fault.New(fault.Forbidden, "Pages of this origin may not use the session cookie")

// IsForeign reports whether a request may change something and was sent by a page of
// another host than the API's own. Clients that are no browsers send neither Origin nor
// Sec-Fetch-Site, and are not foreign.
func IsForeign(r *http.Request) bool { return isForeign(new(http.CrossOriginProtection), r) }

// isForeign calls the standard library twice. If Sec-Fetch-Site is present, the library ignores Origin, but
// our contract also refuses a foreign Origin with an own Sec-Fetch-Site. isForeign also compares host names
// in lower case.
func isForeign(protection *http.CrossOriginProtection, r *http.Request) bool {
	asked := &http.Request{Method: r.Method, Host: strings.ToLower(r.Host), Header: http.Header{}}
	asked.Header.Set("Origin", strings.ToLower(r.Header.Get("Origin")))
	if protection.Check(asked) != nil {
		return true
	}
	asked.Header.Set("Sec-Fetch-Site", r.Header.Get("Sec-Fetch-Site"))
	return protection.Check(asked) != nil
}

// isOwn reports whether an origin is empty or the API's own.
func isOwn(origin, host string) bool {
	if origin == "" {
		return true
	}
	u, err := url.Parse(origin)
	return err == nil && u.Host != "" && strings.EqualFold(u.Host, host)
}
