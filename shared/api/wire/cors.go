package wire

import (
	"context"
	"net/http"
	"slices"
)

const (
	allowOriginHeader = "Access-Control-Allow-Origin"
	exposedHeaders    = "X-Request-Id, Retry-After, Idempotency-Replayed, x-flow-balance, x-flow-precharge"
)

type corsKey struct{}

// CORS lets pages read a route's answers, errors included: those of the origins
// that the caller's org allows, of any until it has set some, and of any while
// the caller is not known. API Gateway answers the preflights.
func CORS(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set(allowOriginHeader, "*")
		w.Header().Set("Access-Control-Expose-Headers", exposedHeaders)
		h.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), corsKey{}, true)))
	})
}

// allowOrigin narrows what CORS allows to the origins of the caller's org. They
// are read only for a request that a page has sent.
func allowOrigin(w http.ResponseWriter, r *http.Request, auth Authenticator, orgID string) error {
	origin := r.Header.Get("Origin")
	if open, _ := r.Context().Value(corsKey{}).(bool); !open || origin == "" {
		return nil
	}
	allowed, err := auth.Origins(r.Context(), orgID)
	if err != nil || allowed == nil || slices.Contains(allowed, anyOrigin) {
		return err
	}
	w.Header().Add("Vary", "Origin")
	if slices.Contains(allowed, origin) {
		w.Header().Set(allowOriginHeader, origin)
	} else {
		w.Header().Del(allowOriginHeader)
	}
	return nil
}

// anyOrigin stands for every origin in an org's settings.
const anyOrigin = "*"
