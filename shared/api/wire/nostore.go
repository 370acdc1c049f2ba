package wire

import "net/http"

// NoStore keeps a route's successful answers out of every cache, because they show a
// key, a secret or a session.
func NoStore(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { h.ServeHTTP(secretive{w}, r) })
}

// secretive sets Cache-Control when the status is known.
type secretive struct{ http.ResponseWriter }

func (w secretive) WriteHeader(status int) {
	if status < http.StatusBadRequest {
		w.Header().Set("Cache-Control", "no-store")
	}
	w.ResponseWriter.WriteHeader(status)
}

// Unwrap gives http.ResponseController access to the writer's Flush.
func (w secretive) Unwrap() http.ResponseWriter { return w.ResponseWriter }
