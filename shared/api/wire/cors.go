package wire

import (
	"context"
	"net/http"
	"slices"
)

const (
	allowOriginHeader      = "Access-Control-Allow-Origin"
	allowCredentialsHeader = "Access-Control-Allow-Credentials"
	exposeHeader           = "Access-Control-Expose-Headers"
	exposedHeaders         = "X-Request-Id, Retry-After, Idempotency-Replayed, RateLimit, RateLimit-Policy, x-flow-balance, x-flow-precharge"
)

type corsKey struct{}

// CORS lets pages of any origin read a route's answers, errors included. Once the
// caller is known, AllowOrigin applies the settings of the caller's org.
// API Gateway answers the preflights.
func CORS(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set(allowOriginHeader, anyOrigin)
		w.Header().Set(exposeHeader, exposedHeaders)
		h.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), corsKey{}, true)))
	})
}

// AllowOrigin lets pages of the org's allowed origins read the answer, on every route and also with the
// session cookie. Pages of other origins can read only the answers of CORS's routes, and only if the org
// allows every origin. The org's settings are read only for requests from a page of another host.
func AllowOrigin(w http.ResponseWriter, r *http.Request, auth Authenticator, orgID string) error {
	origin := r.Header.Get("Origin")
	open, _ := r.Context().Value(corsKey{}).(bool)
	if origin == "" || !open && isOwn(origin, r.Host) {
		return nil
	}
	allowed, err := auth.Origins(r.Context(), orgID)
	if err != nil || allowed == nil {
		return err
	}
	h := w.Header()
	switch named := origin != anyOrigin && slices.Contains(allowed, origin); {
	case named:
		h.Set(allowOriginHeader, origin)
		h.Set(allowCredentialsHeader, "true")
		h.Set(exposeHeader, exposedHeaders)
	case !slices.Contains(allowed, anyOrigin):
		h.Del(allowOriginHeader)
	}
	h.Add("Vary", "Origin")
	return nil
}

// anyOrigin stands for every origin in an org's settings.
const anyOrigin = "*"
