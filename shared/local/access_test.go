package local

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

// The log has a line with the request id for each answer: a function's, the gateway's
// own, and that of a crashed function.
func TestAccessLog_Lines(t *testing.T) {
	log := &logBuffer{}
	p := startProject(t, func(o *Options) { o.Access = log })
	for _, tc := range []struct{ method, path, body, want string }{
		{"POST", "/script?q=secret", "ok", "POST /script 200 [0-9]+ms script request=ID org=-"},
		{"POST", "/script", "crash", "POST /script 502 [0-9]+ms script request=ID org=-"},
		{"POST", "/script", "with org", "POST /script 200 [0-9]+ms script request=ID org=org-1"},
		{"GET", "/nowhere", "", "GET /nowhere 404 [0-9]+ms - request=ID org=-"},
		{"OPTIONS", "/script", "", "OPTIONS /script 200 [0-9]+ms - request=ID org=-"},
	} {
		response, _ := p.send(t, tc.method, tc.path, tc.body)
		if got := response.Header.Get("X-Local-Org"); got != "" {
			t.Errorf("%s %s: got X-Local-Org %s in the answer, want none", tc.method, tc.path, got)
		}
		id := response.Header.Get("X-Amzn-Requestid")
		want := regexp.MustCompile(`^[0-9-]{10}T[0-9:.]{12}Z ` + strings.ReplaceAll(tc.want, "ID", regexp.QuoteMeta(id)) + "$")
		lines := strings.Split(log.String(), "\n")
		if !slices.ContainsFunc(lines, want.MatchString) {
			t.Errorf("%s %s %s: got\n%s\nwant a line like %s", tc.method, tc.path, tc.body, log, want)
		}
	}
	if strings.Contains(log.String(), "secret") {
		t.Errorf("got a log with the query, want it left out:\n%s", log)
	}
}
