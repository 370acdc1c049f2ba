package wire

import "context"

type baseKey struct{}

// WithBaseURL returns a context with the URL of the API, from the gateway.
func WithBaseURL(ctx context.Context, url string) context.Context {
	return context.WithValue(ctx, baseKey{}, url)
}

// BaseURL returns the URL of WithBaseURL, without a trailing slash, or "".
func BaseURL(ctx context.Context) string {
	url, _ := ctx.Value(baseKey{}).(string)
	return url
}
