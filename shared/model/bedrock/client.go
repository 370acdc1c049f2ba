package bedrock

import (
	"io"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime"
	"github.com/aws/smithy-go/transport/http/protocol/restjson1"
)

// The options here go with every call. Each works around a fault of the SDK
// (bedrockruntime 1.63, smithy-go 1.28) and can go when that is mended.

// plainBodies keeps responses from breaking off. The SDK closes a request's
// body as soon as the response begins, and the body's WriteTo then reports
// io.EOF, which net/http takes for a failed write: it closes the connection. A
// server only has to answer before the transport has made sure that the body
// is at its end, as one on the same machine often does. Without WriteTo the
// body is read instead, and there io.EOF is what it should be.
func plainBodies(o *bedrockruntime.Options) {
	o.HTTPClient = plainBodyClient{o.HTTPClient}
}

type plainBodyClient struct {
	client bedrockruntime.HTTPClient
}

func (c plainBodyClient) Do(r *http.Request) (*http.Response, error) {
	if r.Body != nil && r.Body != http.NoBody {
		r.Body = struct{ io.ReadCloser }{r.Body}
	}
	return c.client.Do(r)
}

// ownProtocol gives a stream a protocol for itself. That of the client decodes
// the events of all its streams with the same buffers, unguarded.
func ownProtocol(o *bedrockruntime.Options) {
	o.Protocol = restjson1.New(nil)
}
