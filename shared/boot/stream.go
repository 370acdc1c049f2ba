package boot

import (
	"context"
	"net/http"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
	"github.com/awslabs/aws-lambda-go-api-proxy/core"
)

// Stream starts a function whose answers leave as they are written. SAM CLI
// cannot stream, so under it the same answers are sent whole.
func Stream(maker func(*Deps) http.Handler) {
	c := FromEnvironment()
	logTo(c)
	h := maker(NewDeps(c))
	if c.UnderSAM {
		lambda.Start(Buffered(h))
		return
	}
	lambda.Start(Streamed(h))
}

// StreamedFunc is a Lambda handler for a REST API integration in STREAM mode.
type StreamedFunc func(context.Context, events.APIGatewayProxyRequest) (*events.APIGatewayProxyStreamingResponse, error)

// Streamed makes a Lambda handler of an http.Handler. It returns as soon as the
// handler has sent its headers; what the handler writes later is the body.
func Streamed(h http.Handler) StreamedFunc {
	h = withPath(h)
	var accessor core.RequestAccessor
	return func(ctx context.Context, e events.APIGatewayProxyRequest) (*events.APIGatewayProxyStreamingResponse, error) {
		r, err := accessor.EventToRequestWithContext(fromEvent(ctx, e), e)
		if err != nil {
			return nil, err
		}
		w := newPipeWriter()
		go w.serve(h, r)
		return w.response(), nil
	}
}
