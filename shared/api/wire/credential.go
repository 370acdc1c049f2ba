package wire

import (
	"net/http"
	"strings"

	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/identity"
)

// SessionCookie is the cookie that carries a session token.
const SessionCookie = "af_session"

// credential is a key or session token in a request.
type credential struct {
	value string
	from  string // the header that carried it, for the log
}

const (
	fromKey    = "x-api-key"
	fromHeader = "Authorization"
	fromCookie = "the session cookie"
)

// maxCookies bounds how many session cookies of one request are tried.
const maxCookies = 4

// Identify calls live with the credential of a request. It returns nil if live accepts
// it, ErrNoCredential if the request has none, and otherwise live's error, with the
// name of the header for the log. byCookie reports that the credential came in a
// cookie, which a browser may send without its user's intent.
//
// A request may carry several credentials: `x-api-key: K`, `Authorization: Bearer K`,
// `Authorization: K` and the session cookie, in this order. The first one with the
// form of a key or a session counts, whether it is live or not. Of several cookies,
// which a browser may have for several paths and domains, the first live one counts.
// If no credential has that form, the first one is refused. Other schemes of
// Authorization are meant for another party, such as a proxy.
func Identify(r *http.Request, live func(credential string) error) (byCookie bool, err error) {
	chosen := choose(carried(r))
	if len(chosen) == 0 {
		return false, identity.ErrNoCredential
	}
	for _, c := range chosen {
		refused := live(c.value)
		if refused == nil {
			return c.from == fromCookie, nil
		}
		if !fault.Is(refused, fault.Unauthorized) {
			return false, refused
		}
		if err == nil {
			err = fault.From(refused).Because(refusal{c.from, refused})
		}
	}
	return false, err
}

// refusal names the credential that was refused.
type refusal struct {
	from string
	err  error
}

func (r refusal) Error() string { return "refused: " + r.from }
func (r refusal) Unwrap() error { return r.err }

// choose returns the credentials that count: a single one, or several cookies.
func choose(all []credential) []credential {
	var cookies []credential
	for _, c := range all {
		if !identity.HasForm(c.value) {
			continue
		}
		if c.from != fromCookie && cookies == nil {
			return []credential{c}
		}
		cookies = append(cookies, c)
	}
	if cookies == nil {
		return all[:min(len(all), 1)]
	}
	return cookies[:min(len(cookies), maxCookies)]
}

// carried returns all credentials of a request, in any form.
func carried(r *http.Request) []credential {
	var all []credential
	add := func(value, from string) {
		if value = bare(value); value != "" {
			all = append(all, credential{value, from})
		}
	}
	for _, v := range r.Header.Values("X-Api-Key") {
		add(v, fromKey)
	}
	for _, v := range r.Header.Values("Authorization") {
		v = strings.TrimSpace(v)
		scheme, key, more := strings.Cut(v, " ")
		switch {
		case strings.EqualFold(scheme, "Bearer"):
			add(key, fromHeader)
		case more: // Basic, Digest and the like
		default:
			add(v, fromHeader)
		}
	}
	for _, c := range r.CookiesNamed(SessionCookie) {
		add(c.Value, fromCookie)
	}
	return all
}

// bare removes the cookie's name from a token that was copied together with it.
func bare(value string) string {
	return strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(value), SessionCookie+"="))
}
