package wire

import (
	"context"
	"net/http"
	"strings"
)

// subject has the facts about a request for the log, besides its id. It leaves out the query, which may
// contain personal data.
type subject struct {
	method, path string
	org          string // once the caller is known
}

type subjectKey struct{}

func withSubject(ctx context.Context, r *http.Request) context.Context {
	return context.WithValue(ctx, subjectKey{}, &subject{method: r.Method, path: withoutKeys(r.URL.EscapedPath())})
}

// withoutKeys returns a path without our keys, which some callers put in the place of an id.
func withoutKeys(path string) string {
	const (
		live     = "_live_"
		alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	)
	var b strings.Builder
	for {
		before, after, found := strings.Cut(path, live)
		b.WriteString(before)
		if !found {
			return b.String()
		}
		b.WriteString(live + "***")
		path = strings.TrimLeft(after, alphabet)
	}
}

type orgListenerKey struct{}

// WithOrgListener returns a context with a function that KnowOrg calls.
func WithOrgListener(ctx context.Context, known func(orgID string)) context.Context {
	return context.WithValue(ctx, orgListenerKey{}, known)
}

// KnowOrg adds the org of a request's caller to all further log lines.
func KnowOrg(ctx context.Context, orgID string) {
	if known, ok := ctx.Value(orgListenerKey{}).(func(string)); ok {
		known(orgID)
	}
	if s, ok := ctx.Value(subjectKey{}).(*subject); ok {
		s.org = orgID
	}
}

// about returns the log attributes of a request.
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
