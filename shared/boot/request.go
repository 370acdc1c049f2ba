package boot

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/aws/aws-lambda-go/events"

	"github.com/quintet-agents/quintet/shared/api/wire"
)

// fromEvent returns a context with the facts of an event that a plain request lacks.
func fromEvent(ctx context.Context, e events.APIGatewayProxyRequest) context.Context {
	ctx = wire.WithRequestID(ctx, e.RequestContext.RequestID)
	ctx = wire.WithBaseURL(ctx, baseURL(e.RequestContext))
	ctx = context.WithValue(ctx, localKey{}, wire.IsLoopback(e.RequestContext.DomainName))
	return context.WithValue(ctx, pathKey{}, e.PathParameters)
}

// orgHeader passes the org of a request's caller to the local gateway, for its access log.
// The gateway removes the header.
const orgHeader = "X-Local-Org"

type localKey struct{}

// withOrg sets orgHeader, for a local gateway only.
func withOrg(ctx context.Context, h http.Header) context.Context {
	if local, _ := ctx.Value(localKey{}).(bool); !local {
		return ctx
	}
	return wire.WithOrgListener(ctx, func(orgID string) { h.Set(orgHeader, orgID) })
}

// baseURL returns the API's URL: the gateway's own domain with the stage as its path, or a
// custom domain.
func baseURL(c events.APIGatewayProxyRequestContext) string {
	scheme, stage := "https://", ""
	switch {
	case c.DomainName == "":
		return ""
	case wire.IsLoopback(c.DomainName):
		scheme = "http://"
	case strings.Contains(c.DomainName, ".execute-api."):
		stage = "/" + c.Stage
	}
	return scheme + c.DomainName + stage
}

type pathKey struct{}

// withPath sets a request's path values. API Gateway has already matched the route, so a
// function needs no mux.
func withPath(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		values, _ := r.Context().Value(pathKey{}).(map[string]string)
		for name, value := range values {
			if plain, err := url.PathUnescape(value); err == nil {
				value = plain
			}
			r.SetPathValue(name, value)
		}
		h.ServeHTTP(w, r.WithContext(withOrg(r.Context(), w.Header())))
	})
}
