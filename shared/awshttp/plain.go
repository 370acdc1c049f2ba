// Package awshttp works around a bug in all clients of the AWS SDK (smithy-go 1.28). Remove
// it when the bug is fixed.
package awshttp

import (
	"io"
	"net/http"
)

// Doer is the SDK's HTTPClient interface.
type Doer interface {
	Do(*http.Request) (*http.Response, error)
}

// PlainBodies hides the WriteTo of request bodies. The SDK closes a request's body as soon as
// the response starts, and WriteTo then returns io.EOF, which net/http treats as a failed
// write: it closes the connection, and the SDK retries a write that succeeded. It happens if
// the server answers before the transport has reached the body's end, which is common on
// loopback. Without WriteTo the transport uses Read, where io.EOF is correct.
func PlainBodies(client Doer) Doer { return plain{client} }

type plain struct{ client Doer }

func (c plain) Do(r *http.Request) (*http.Response, error) {
	if r.Body != nil && r.Body != http.NoBody {
		r.Body = struct{ io.ReadCloser }{r.Body}
	}
	return c.client.Do(r)
}
