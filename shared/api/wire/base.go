package wire

import "context"

type baseKey struct{}

// WithBaseURL returns a context with the URL under which the API is served, as the
// gateway knows it.
func WithBaseURL(ctx context.Context, url string) context.Context {
	return context.WithValue(ctx, baseKey{}, url)
}

// BaseURL returns the URL of WithBaseURL, which has no slash at its end; empty if there
// is none.
func BaseURL(ctx context.Context) string {
	url, _ := ctx.Value(baseKey{}).(string)
	return url
}
