package wire

import "context"

type baseKey struct{}

// WithBaseURL returns a context that carries the URL that the API's paths follow,
// as whoever routed the request knows it.
func WithBaseURL(ctx context.Context, url string) context.Context {
	return context.WithValue(ctx, baseKey{}, url)
}

// BaseURL returns the URL that WithBaseURL put there, without a slash at its end;
// empty where nobody said.
func BaseURL(ctx context.Context) string {
	url, _ := ctx.Value(baseKey{}).(string)
	return url
}
