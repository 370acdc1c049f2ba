package outbound

import (
	"net"
	"net/http"
	"time"
)

// idleTime is how long an unused connection of a provider is kept.
const idleTime = 30 * time.Second

// NewHTTPClient returns a plain client behind a guard, for the API of a provider whose
// address is ours to configure. A nil resolver is the system's. Unlike Client it signs
// nothing and keeps connections: the guard has checked each of them when it was dialled. It
// uses no proxy from the environment, follows no redirect, so that a token goes to no other
// host, and decompresses nothing.
func NewHTTPClient(guard *Guard, resolver *net.Resolver) *http.Client {
	transport := newTransport(guard, resolver)
	transport.IdleConnTimeout = idleTime
	return &http.Client{Timeout: attemptTime, Transport: transport, CheckRedirect: noRedirect}
}

// maxIdle bounds the unused connections of a client whose hosts customers choose.
const maxIdle = 32

// NewStreamingClient returns a client like that of NewHTTPClient for servers whose answers are
// long streams, such as those of models. It has no overall time limit; contexts bound the
// calls.
func NewStreamingClient(guard *Guard, resolver *net.Resolver) *http.Client {
	c := NewHTTPClient(guard, resolver)
	c.Timeout = 0
	if t, ok := c.Transport.(*http.Transport); ok {
		t.MaxIdleConns = maxIdle
	}
	return c
}

// newTransport returns a transport that dials only what the guard allows.
func newTransport(guard *Guard, resolver *net.Resolver) *http.Transport {
	dialer := &net.Dialer{Timeout: connectTime, Control: guard.control, Resolver: resolver}
	return &http.Transport{
		DialContext: dialer.DialContext, TLSHandshakeTimeout: connectTime,
		DisableCompression: true, MaxResponseHeaderBytes: maxHeader,
	}
}

func noRedirect(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
