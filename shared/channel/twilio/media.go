package twilio

import (
	"context"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"regexp"

	"github.com/quintet-agents/quintet/shared/channel"
)

// mediaPath is the path of a file at Twilio.
var mediaPath = regexp.MustCompile(`^/2010-04-01(/Accounts/(AC[0-9a-fA-F]{32})/Messages/[SM]M[0-9a-fA-F]{32}/Media/ME[0-9a-fA-F]{32})$`)

// maxRedirects is how often Fetch follows a redirect: Twilio keeps files on other hosts.
const maxRedirects = 3

// Fetch returns a file that a person sent. The URL must be one of the account's files; the
// request goes to the client's own API. Twilio redirects to other hosts, and those get no
// credentials. The error is a *channel.SendError: a file that is too large, not there yet or no
// longer is Rejected, and the other kinds may be tried again.
func (c *Client) Fetch(ctx context.Context, a channel.Account, m channel.Media, limit int64) ([]byte, string, error) {
	sid, failed := sidOf(a)
	if failed != nil {
		return nil, "", failed
	}
	given, err := url.Parse(m.URL)
	if err != nil {
		return nil, "", rejected("The URL of the file is none")
	}
	path := mediaPath.FindStringSubmatch(given.EscapedPath())
	if path == nil || path[2] != sid {
		return nil, "", rejected("The URL is not that of a file of this account")
	}
	res, failed := c.follow(ctx, a, c.root+"/2010-04-01"+path[1])
	if failed != nil {
		return nil, "", failed
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusOK {
		answer, _ := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
		return nil, "", failureOf(res, answer, a.Secrets[authToken])
	}
	if res.ContentLength > limit {
		return nil, "", tooLarge(limit)
	}
	data, err := io.ReadAll(io.LimitReader(res.Body, limit+1))
	switch {
	case err != nil:
		return nil, "", unsent(err)
	case int64(len(data)) > limit:
		return nil, "", tooLarge(limit)
	}
	return data, contentType(res.Header, m), nil
}

func tooLarge(limit int64) *channel.SendError {
	return rejected(fmt.Sprintf("The file is larger than %d bytes", limit))
}

// contentType returns the type of the answer, or that of the webhook.
func contentType(h http.Header, m channel.Media) string {
	if kind, _, err := mime.ParseMediaType(h.Get("Content-Type")); err == nil {
		return kind
	}
	return m.ContentType
}

// follow gets a URL and follows redirects, over the same scheme or a safer one. Only requests
// to the API's own origin carry credentials.
func (c *Client) follow(ctx context.Context, a channel.Account, address string) (*http.Response, *channel.SendError) {
	root, err := url.Parse(c.root)
	if err != nil {
		return nil, unsent(err)
	}
	for range maxRedirects + 1 {
		req, err := newRequest(ctx, address, nil)
		if err != nil {
			return nil, unsent(err)
		}
		req.Header.Del("Accept")
		if req.URL.Scheme == root.Scheme && req.URL.Host == root.Host {
			req.SetBasicAuth(a.Identifiers["account_sid"], a.Secrets[authToken])
		}
		res, err := c.http.Do(req)
		if err != nil {
			return nil, unsent(channel.HideQuery(err))
		}
		if res.StatusCode < 300 || res.StatusCode > 399 {
			return res, nil
		}
		_ = res.Body.Close()
		next, err := res.Location()
		if err != nil || next.Scheme != root.Scheme && next.Scheme != "https" {
			return nil, rejected("Twilio redirected to a URL that is not safe")
		}
		next.User = nil
		address = next.String()
	}
	return nil, rejected("Twilio redirected too often")
}
