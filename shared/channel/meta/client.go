// Package meta speaks Meta's Graph API for WhatsApp: it sends templates and reads their
// definitions.
//
// Client makes each request once. Whether to retry is the caller's decision: the Kind of a
// channel.SendError says what is safe. The shapes are those of Meta's published OpenAPI
// document (github.com/facebook/openapi, business-messaging-api_v23.0.yaml).
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

	"github.com/quintet-agents/quintet/shared/channel"
)

// The defaults of a client's settings.
const (
	DefaultURL     = "https://graph.facebook.com"
	DefaultVersion = "v25.0"
)

// maxAnswer is the longest answer that is read, in bytes. Longer ones are not Meta's.
const maxAnswer = 1 << 20

// Client is a channel.TemplateSender.
type Client struct {
	http *http.Client
	root string // the URL with the version, without a slash at its end
}

// NewClient returns a client of the API at a URL, in a version such as DefaultVersion. The
// HTTP client should be guarded and follow no redirects (see outbound.NewHTTPClient): each
// request carries a customer's token.
func NewClient(client *http.Client, url, version string) *Client {
	return &Client{http: client, root: strings.TrimRight(url, "/") + "/" + version}
}

// do makes a request with the sender's token and returns the body of a successful answer.
// The error is a *channel.SendError.
func (c *Client) do(ctx context.Context, method, path, token string, body []byte) ([]byte, *channel.SendError) {
	var sent atomic.Bool // the trace runs in the transport's goroutines
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{WroteHeaders: func() { sent.Store(true) }})
	req, err := http.NewRequestWithContext(ctx, method, c.root+path, bytes.NewReader(body))
	if err != nil {
		return nil, unsent(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Accept-Encoding", "identity")
	req.Header.Set("User-Agent", "Quintet/1")
	if len(body) > 0 {
		req.Header.Set("Content-Type", "application/json")
	}
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
		return nil, failureOf(res, answer, token)
	}
	if len(answer) > maxAnswer || !json.Valid(answer) {
		return nil, unknown(errNoJSON)
	}
	return answer, nil
}

// digits returns a failure for an id that could change the path of a request: Meta's
// ids are decimal numbers.
func digits(id string) *channel.SendError {
	if id == "" || strings.Trim(id, "0123456789") != "" {
		return &channel.SendError{Kind: channel.Rejected, Message: "The connection's id at Meta must be a number"}
	}
	return nil
}
