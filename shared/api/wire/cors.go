package wire

import "net/http"

// CORS lets pages of any origin read a chat route's answers, errors included.
// API Gateway answers the preflights.
func CORS(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", "*")
		w.Header().Set("Access-Control-Expose-Headers", "X-Request-Id, Retry-After")
		h.ServeHTTP(w, r)
	})
}
