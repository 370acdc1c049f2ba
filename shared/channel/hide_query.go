package channel

import (
	"errors"
	"net/url"
)

// HideQuery returns an error of a request without the query of its URL: the URL of a file may be
// signed, and a log must not have what opens it.
func HideQuery(err error) error {
	of, ok := errors.AsType[*url.Error](err)
	if !ok {
		return err
	}
	hidden := &url.Error{Op: of.Op, Err: of.Err}
	if u, err := url.Parse(of.URL); err == nil {
		hidden.URL = (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String()
	}
	return hidden
}
