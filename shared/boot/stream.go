package boot

import (
	"context"
	"log/slog"
	"net/http"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
	"github.com/awslabs/aws-lambda-go-api-proxy/core"
)

// Stream starts a function whose answers are streamed. Under SAM CLI, which cannot stream,
// they are buffered.
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

// Streamed adapts an http.Handler to a Lambda handler. It returns when the handler has sent
// its headers; later writes are the body. A client that does not read does not stop the
// handler: its stream ends with an error, and further writes are discarded.
func Streamed(h http.Handler) StreamedFunc {
	return streamed(h, patience{bytes: 1 << 20, wait: 10 * time.Second, drain: 30 * time.Second, margin: 5 * time.Second, stuck: exitStuck})
}

// exitStuck ends the process, whose turn is already settled. Lambda's runtime client cannot
// otherwise abort an answer that the platform does not read. Lambda starts another process
// for the next request.
func exitStuck() {
	slog.Error("Lambda does not take the rest of a streamed answer; the process ends so that it is not paid for waiting")
	os.Exit(1)
}

func streamed(h http.Handler, p patience) StreamedFunc {
	h = withPath(h)
	var accessor core.RequestAccessor
	return func(ctx context.Context, e events.APIGatewayProxyRequest) (*events.APIGatewayProxyStreamingResponse, error) {
		r, err := accessor.EventToRequestWithContext(fromEvent(ctx, e), e)
		if err != nil {
			return nil, err
		}
		deadline, _ := ctx.Deadline()
		w := newPipeWriter(newBacklog(p, deadline))
		go w.serve(h, r)
		return w.response(), nil
	}
}
