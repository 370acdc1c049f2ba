package boot

import (
	"context"
	"net/http"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
	"github.com/awslabs/aws-lambda-go-api-proxy/httpadapter"
)

// HTTP starts a function whose answers are buffered: each is sent whole.
func HTTP(maker func(*Deps) http.Handler) {
	c := FromEnvironment()
	logTo(c)
	lambda.Start(Buffered(maker(NewDeps(c))))
}

// BufferedFunc is a Lambda handler for a buffered REST API integration.
type BufferedFunc func(context.Context, events.APIGatewayProxyRequest) (events.APIGatewayProxyResponse, error)

// Buffered makes a Lambda handler of an http.Handler.
func Buffered(h http.Handler) BufferedFunc {
	adapter := httpadapter.New(withPath(h))
	return func(ctx context.Context, e events.APIGatewayProxyRequest) (events.APIGatewayProxyResponse, error) {
		return adapter.ProxyWithContext(fromEvent(ctx, e), e)
	}
}
