package boot

import (
	"context"
	"net/http"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
	"github.com/awslabs/aws-lambda-go-api-proxy/httpadapter"
)

// HTTP starts a function whose answers are buffered.
func HTTP(maker func(*Deps) http.Handler) {
	c := FromEnvironment()
	logTo(c)
	lambda.Start(Buffered(maker(NewDeps(c))))
}

// BufferedFunc is a Lambda handler for a buffered REST API integration.
type BufferedFunc func(context.Context, events.APIGatewayProxyRequest) (events.APIGatewayProxyResponse, error)

// Buffered adapts an http.Handler to a Lambda handler.
func Buffered(h http.Handler) BufferedFunc {
	adapter := httpadapter.New(withPath(h))
	return func(ctx context.Context, e events.APIGatewayProxyRequest) (events.APIGatewayProxyResponse, error) {
		return adapter.ProxyWithContext(fromEvent(ctx, e), e)
	}
}
