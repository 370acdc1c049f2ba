package twilio

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"regexp"
	"strings"
	"sync/atomic"

	"github.com/quintet-agents/quintet/shared/channel"
)

// DefaultURL is the root of Twilio's API.
const DefaultURL = "https://api.twilio.com"

// maxAnswer is the longest answer that is read, in bytes. Longer ones are not Twilio's.
const maxAnswer = 1 << 20

// Client is a channel.Provider.
type Client struct {
	http      *http.Client
	root      string // without a slash at its end
	messaging string // the root of the API of senders and services
	base      string // the public URL of the deployment
}

var _ channel.Provider = (*Client)(nil)

// NewClient returns a client of the API at a URL such as DefaultURL. The HTTP client should be
// guarded and follow no redirects (see outbound.NewHTTPClient): each request carries a
// customer's token. base is the public URL of the deployment, for status callbacks of
// connections that have none of their own; if it is empty they get no statuses.
func NewClient(client *http.Client, apiURL, base string) *Client {
	root := strings.TrimRight(apiURL, "/")
	// Where the API is Twilio's, that of senders and services is on a host of its own.
	return &Client{http: client, root: root, messaging: strings.Replace(root, "://api.", "://messaging.", 1), base: strings.TrimRight(base, "/")}
}

// accountSID is the form of the ids of accounts. Another text could change the path of a request.
var accountSID = regexp.MustCompile(`^AC[0-9a-fA-F]{32}$`)

const accountRule = "The connection's account_sid must be AC and 32 hexadecimal digits"

// sidOf returns the account's id.
func sidOf(a channel.Account) (string, *channel.SendError) {
	sid := a.Identifiers["account_sid"]
	if !accountSID.MatchString(sid) {
		return "", rejected(accountRule)
	}
	return sid, nil
}

// accountURL returns the URL of a resource of the account.
func (c *Client) accountURL(sid, path string) string {
	return c.root + "/2010-04-01/Accounts/" + sid + path
}

// do makes a request as the account and returns the body of a successful answer. A form makes
// it a POST. The error is a *channel.SendError.
func (c *Client) do(ctx context.Context, a channel.Account, address string, form url.Values) ([]byte, *channel.SendError) {
	var sent atomic.Bool // the trace runs in the transport's goroutines
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{WroteHeaders: func() { sent.Store(true) }})
	req, err := newRequest(ctx, address, form)
	if err != nil {
		return nil, unsent(err)
	}
	req.SetBasicAuth(a.Identifiers["account_sid"], a.Secrets[authToken])
	res, err := c.http.Do(req)
	switch {
	case err != nil && sent.Load():
		return nil, unknown(err)
	case err != nil:
		return nil, unsent(err)
	}
	defer func() { _ = res.Body.Close() }()
	answer, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer+1))
	if err != nil {
		return nil, unknown(err)
	}
	if res.StatusCode < 200 || res.StatusCode > 299 {
		return nil, failureOf(res, answer, a.Secrets[authToken])
	}
	if len(answer) > maxAnswer || !json.Valid(answer) {
		return nil, unknown(errNoJSON)
	}
	return answer, nil
}

func newRequest(ctx context.Context, address string, form url.Values) (*http.Request, error) {
	method, body := http.MethodGet, io.Reader(http.NoBody)
	if form != nil {
		method, body = http.MethodPost, strings.NewReader(form.Encode())
	}
	req, err := http.NewRequestWithContext(ctx, method, address, body)
	if err != nil {
		return nil, err
	}
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	req.Header.Set("Accept", "application/json")
	req.Header.Set("Accept-Encoding", "identity")
	req.Header.Set("User-Agent", "Quintet/1")
	return req, nil
}
