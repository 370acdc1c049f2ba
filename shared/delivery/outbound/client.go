package outbound

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/quintet-agents/quintet/shared/delivery"
)

// The limits of an attempt.
const (
	connectTime = 3 * time.Second
	maxHeader   = 64 << 10
)

var (
	attemptTime = 15 * time.Second
	// bodyTime bounds the read of the answer's body; only the status decides success.
	bodyTime = 2 * time.Second
)

// userAgent is our User-Agent header.
const userAgent = "Quintet-Webhooks/1"

// Client sends requests to customers' URLs.
type Client struct {
	http *http.Client
	now  func() time.Time
}

// NewClient returns a client that a guard protects. A nil resolver means the system's. The
// client keeps no connections open, so that every attempt dials and is checked. It uses no
// proxy from the environment, follows no redirect and decompresses nothing.
func NewClient(guard *Guard, resolver *net.Resolver, now func() time.Time) *Client {
	transport := newTransport(guard, resolver)
	transport.DisableKeepAlives = true
	return &Client{now: now, http: &http.Client{Timeout: attemptTime, Transport: transport, CheckRedirect: noRedirect}}
}

// Post sends one signed request to the URL exactly as written (see escape). It returns an
// error only for our own faults; a receiver's failure is in the result.
func (c *Client) Post(ctx context.Context, r delivery.Request) (delivery.Result, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, escape(r.URL), bytes.NewReader(r.Body))
	if err != nil {
		return delivery.Result{Failure: delivery.BadURL}, nil
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept-Encoding", "identity")
	req.Header.Set("User-Agent", userAgent)
	if err := sign(req.Header, r); err != nil {
		return delivery.Result{}, fmt.Errorf("sign %s: %w", r.ID, err)
	}
	res, err := c.http.Do(req)
	if err != nil {
		return delivery.Result{Failure: FailureOf(err)}, nil
	}
	defer func() { _ = res.Body.Close() }()
	return delivery.Result{Status: res.StatusCode, Answer: c.beginning(res.Body, cancel), RetryAfter: retryAfter(res, c.now())}, nil
}

// beginning returns the first KB of an answer, or the part that arrives in time.
func (c *Client) beginning(body io.Reader, cancel context.CancelFunc) string {
	limit := time.AfterFunc(bodyTime, cancel)
	defer limit.Stop()
	text, _ := io.ReadAll(io.LimitReader(body, delivery.MaxAnswer)) // a partial body is enough
	return strings.ToValidUTF8(string(text), "\uFFFD")
}
