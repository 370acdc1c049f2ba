package gateway

import (
	"net/http"
	"time"
)

// Access is one answered request, for an access log. Every answer has one, the
// gateway's own and those of crashed functions included.
type Access struct {
	At        time.Time
	Method    string
	Path      string // escaped, without the query, which may hold a person's words
	Function  string // empty where the gateway answered by itself
	Status    int    // 0 where the connection ended before an answer began
	Duration  time.Duration
	RequestID string // as in X-Request-Id
	OrgID     string // empty where no caller is known
}

// OrgHeader carries the org of a request's caller from a function to the access
// log. Functions send it to a local gateway only, and clients never see it.
const OrgHeader = "X-Local-Org"

// watched notes what an access log says of an answer.
type watched struct {
	http.ResponseWriter
	status int
	org    string
}

// WriteHeader notes the status and the org, and hides the latter.
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

// Unwrap lets http.ResponseController reach the connection.
func (w *watched) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// report writes the access log's line about a request.
func (g *Gateway) report(r *http.Request, c *call, w *watched) {
	g.access(Access{
		At: c.at, Method: r.Method, Path: r.URL.EscapedPath(), Function: c.function, Status: w.status,
		Duration: time.Since(c.at), RequestID: c.id, OrgID: w.org,
	})
}
