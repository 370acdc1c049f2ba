package gateway

import (
	"net/http"
	"time"
)

// Access is an access log's entry for one request. Every answer has one, even the
// gateway's own answers and those of crashed functions.
type Access struct {
	At        time.Time
	Method    string
	Path      string // escaped, without the query, which may contain personal data
	Function  string // empty for the gateway's own answers
	Status    int    // 0 if the connection ended before the answer began
	Duration  time.Duration
	RequestID string // the X-Request-Id
	OrgID     string // empty if the caller is unknown
}

// OrgHeader carries the org of a request's caller from a function to the access
// log. Functions send it to a local gateway only, and clients never see it.
const OrgHeader = "X-Local-Org"

// watched records the facts about an answer for the access log.
type watched struct {
	http.ResponseWriter
	status int
	org    string
}

// WriteHeader records the status and the org, and removes the org's header.
func (w *watched) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
		w.org = w.Header().Get(OrgHeader)
	}
	w.Header().Del(OrgHeader)
	w.ResponseWriter.WriteHeader(status)
}

func (w *watched) Write(p []byte) (int, error) {
	if w.status == 0 {
		w.WriteHeader(http.StatusOK)
	}
	return w.ResponseWriter.Write(p)
}

// Unwrap gives http.ResponseController access to the connection.
func (w *watched) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// report passes a request's entry to the access log.
func (g *Gateway) report(r *http.Request, c *call, w *watched) {
	g.access(Access{
		At: c.at, Method: r.Method, Path: r.URL.EscapedPath(), Function: c.function, Status: w.status,
		Duration: time.Since(c.at), RequestID: c.id, OrgID: w.org,
	})
}
