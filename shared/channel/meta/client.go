// Package meta speaks Meta's Graph API: it sends messages over WhatsApp, Instagram and
// Messenger, fetches the files that people send, and verifies accounts.
//
// WhatsApp, Instagram and Messenger are the channel.Providers, over one Client. A Client makes
// each request once. Whether to retry is the caller's decision: the Kind of a
// channel.SendError says what is safe. The shapes of WhatsApp are those of Meta's published
// OpenAPI document (github.com/facebook/openapi, business-messaging-api_v23.0.yaml), the
// others those of Meta's pages "Send API" and "Instagram messaging".
//
// Handshake and VerifySignature check that a request to a webhook is Meta's, and Parse reads
// its body.
package meta

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptrace"
	"strings"
	"sync/atomic"
	"time"

	"github.com/quintet-agents/quintet/shared/channel"
)

// The defaults of a client's settings.
const (
	DefaultURL          = "https://graph.facebook.com"
	DefaultInstagramURL = "https://graph.instagram.com"
	DefaultVersion      = "v25.0"
)

// maxAnswer is the longest answer that is read, in bytes. Longer ones are not Meta's.
const maxAnswer = 1 << 20

// Client makes requests to the Graph API. It is a channel.TemplateSender. Its fields have
// defaults, and may be changed before the first request.
type Client struct {
	// InstagramURL is the API for tokens of Instagram Login. Other tokens, of a Facebook page
	// or user, are for the API of NewClient on every channel.
	InstagramURL string

	// MediaHosts are the hosts that files are fetched from, and the only ones beside the API
	// itself that a token is sent to. A name that starts with a dot covers its subdomains.
	MediaHosts []string

	Now func() time.Time

	http    *http.Client
	url     string
	version string

	pages       cache[string] // the page behind a token; "": it belongs to no page
	accounts    cache[string] // the business account of a number
	definitions cache[*channel.Definition]
}

// NewClient returns a client of the API at a URL, in a version such as DefaultVersion. The
// HTTP client should be guarded (see outbound.NewHTTPClient). It follows no redirects here:
// each request carries a customer's token.
func NewClient(client *http.Client, url, version string) *Client {
	unredirected := *client
	unredirected.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &Client{
		InstagramURL: DefaultInstagramURL,
		MediaHosts:   []string{".fbsbx.com", ".fbcdn.net", ".cdninstagram.com", ".facebook.com", ".whatsapp.net"},
		Now:          time.Now,
		http:         &unredirected, url: strings.TrimRight(url, "/"), version: version,
	}
}

// root returns the URL of the API with the version, without a slash at its end.
func (c *Client) root() string { return c.url + "/" + c.version }

// instagramRoot is root for tokens of Instagram Login.
func (c *Client) instagramRoot() string {
	return strings.TrimRight(c.InstagramURL, "/") + "/" + c.version
}

// request is one call of the API.
type request struct {
	service service
	method  string
	url     string
	token   string
	body    []byte
	sends   bool // a message; without its answer it may have been sent
}

// do makes a request and returns the body of a successful answer. The error is a
// *channel.SendError. It is Unknown only for requests that send.
func (c *Client) do(ctx context.Context, r request) ([]byte, *channel.SendError) {
	answer, failed := c.try(ctx, r)
	if failed != nil && failed.Kind == channel.Unknown && !r.sends {
		return nil, r.service.unread(failed.Err)
	}
	return answer, failed
}

func (c *Client) try(ctx context.Context, r request) ([]byte, *channel.SendError) {
	var sent atomic.Bool // the trace runs in the transport's goroutines
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{WroteHeaders: func() { sent.Store(true) }})
	req, err := newRequest(ctx, r.method, r.url, r.token, r.body)
	if err != nil {
		return nil, r.service.unsent(err)
	}
	res, err := c.http.Do(req)
	switch {
	case err != nil && sent.Load():
		return nil, r.service.unknown(err)
	case err != nil:
		return nil, r.service.unsent(err)
	}
	defer func() { _ = res.Body.Close() }()
	answer, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer+1))
	if err != nil {
		return nil, r.service.unknown(err)
	}
	if res.StatusCode < 200 || res.StatusCode > 299 {
		return nil, r.service.failureOf(res, answer, r.token)
	}
	if len(answer) > maxAnswer || !json.Valid(answer) {
		return nil, r.service.unknown(errNoJSON)
	}
	return answer, nil
}

// newRequest returns a request with a token, or without one if it is empty.
func newRequest(ctx context.Context, method, url, token string, body []byte) (*http.Request, error) {
	req, err := http.NewRequestWithContext(ctx, method, url, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	req.Header.Set("Accept-Encoding", "identity")
	req.Header.Set("User-Agent", "Quintet/1")
	if len(body) > 0 {
		req.Header.Set("Content-Type", "application/json")
	}
	return req, nil
}

// read makes a GET request and decodes its answer.
func (c *Client) read(ctx context.Context, s service, url, token string, into any) *channel.SendError {
	answer, failed := c.do(ctx, request{service: s, method: http.MethodGet, url: url, token: token})
	if failed != nil {
		return failed
	}
	if err := json.Unmarshal(answer, into); err != nil {
		return s.unread(err)
	}
	return nil
}

// encode returns a value as JSON. Texts stay as they are: Go would escape <, > and &.
func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// digits returns a failure for an id that could change the path of a request: Meta's
// ids are decimal numbers.
func digits(id string) *channel.SendError {
	if !numeric(id) {
		return rejected("The connection's id at Meta must be a number")
	}
	return nil
}

func numeric(id string) bool { return id != "" && strings.Trim(id, "0123456789") == "" }

func rejected(message string) *channel.SendError {
	return &channel.SendError{Kind: channel.Rejected, Message: message}
}
