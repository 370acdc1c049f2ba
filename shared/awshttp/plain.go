// Package awshttp works around a fault that all clients of the AWS SDK share
// (smithy-go 1.28). It can go when that is mended.
package awshttp

import (
	"io"
	"net/http"
)

// Doer is what the SDK's clients take as their HTTPClient.
type Doer interface {
	Do(*http.Request) (*http.Response, error)
}

// PlainBodies keeps responses from breaking off. The SDK closes a request's
// body as soon as the response begins, and the body's WriteTo then reports
// io.EOF, which net/http takes for a failed write: it closes the connection,
// and a write that happened is tried again. A server only has to answer before
// the transport has made sure that the body is at its end, as one on the same
// machine often does. Without WriteTo the body is read instead, and there
// io.EOF is what it should be.
func PlainBodies(client Doer) Doer { return plain{client} }

type plain struct{ client Doer }

func (c plain) Do(r *http.Request) (*http.Response, error) {
	if r.Body != nil && r.Body != http.NoBody {
		r.Body = struct{ io.ReadCloser }{r.Body}
	}
	return c.client.Do(r)
}
