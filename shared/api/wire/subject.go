package wire

import (
	"context"
	"net/http"
)

// subject is what the log tells of a request beside its id. The query is left
// out: it may have what a person searched for.
type subject struct {
	method, path string
	org          string // once the caller is known
}

type subjectKey struct{}

func withSubject(ctx context.Context, r *http.Request) context.Context {
	return context.WithValue(ctx, subjectKey{}, &subject{method: r.Method, path: r.URL.EscapedPath()})
}

// KnowOrg has the log name the org of a request's caller from now on.
func KnowOrg(ctx context.Context, orgID string) {
	if s, ok := ctx.Value(subjectKey{}).(*subject); ok {
		s.org = orgID
	}
}

// about returns what the log tells of a request, as slog takes it.
func about(ctx context.Context) []any {
	attributes := []any{"request_id", RequestID(ctx)}
	s, ok := ctx.Value(subjectKey{}).(*subject)
	if !ok {
		return attributes
	}
	attributes = append(attributes, "method", s.method, "path", s.path)
	if s.org != "" {
		attributes = append(attributes, "org_id", s.org)
	}
	return attributes
}
