package wire

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/identity"
)

// The log line of each failure identifies the request, and the org once the caller is known.
func TestLog_NamesRequest(t *testing.T) {
	var lines bytes.Buffer
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewJSONHandler(&lines, nil)))
	t.Cleanup(func() { slog.SetDefault(before) })
	h := Handle(func(w http.ResponseWriter, _ *fault.Error) { w.WriteHeader(http.StatusTeapot) }, Authorized(&stand{}, func(http.ResponseWriter, *http.Request, identity.Caller) error {
		return fault.New(fault.Conflict, "No")
	}))
	ask := func(key string) map[string]any {
		t.Helper()
		lines.Reset()
		r := httptest.NewRequest("PATCH", "/v1/agents/a%2Fb?q=what%20somebody%20searched", nil)
		r.Header.Set("X-Api-Key", key)
		h.ServeHTTP(httptest.NewRecorder(), r.WithContext(WithRequestID(r.Context(), "r-1")))
		got := map[string]any{}
		if err := json.Unmarshal(lines.Bytes(), &got); err != nil {
			t.Fatal(err)
		}
		delete(got, "time")
		return got
	}
	want := map[string]any{
		"level": "INFO", "msg": "request failed", "request_id": "r-1", "method": "PATCH", "path": "/v1/agents/a%2Fb", "org_id": "o",
		"code": "conflict", "error": "conflict: No",
	}
	if d := cmp.Diff(want, ask("good")); d != "" {
		t.Errorf("a known caller (-want +got):\n%s", d)
	}
	delete(want, "org_id")
	want["code"], want["error"] = "unauthorized", "unauthorized: Invalid or expired API key: refused: x-api-key"
	if d := cmp.Diff(want, ask("bad")); d != "" {
		t.Errorf("an unknown one (-want +got):\n%s", d)
	}
}

// A key in the place of an id, as in a request to revoke it, does not get into the log.
func TestSubject_HidesKeys(t *testing.T) {
	for path, want := range map[string]string{
		"/api/v1/api-keys/af_live_0aB1c":            "/api/v1/api-keys/af_live_***",
		"/api/v1/api-keys/af_live_0aB1c/x/ft_live_": "/api/v1/api-keys/af_live_***/x/ft_live_***",
		"/api/threads/a%2Faf_live_0aB1c%20b":        "/api/threads/a%2Faf_live_***%20b",
		"/agents/live_agent/chat":                   "/agents/live_agent/chat",
	} {
		ctx := withSubject(t.Context(), httptest.NewRequest(http.MethodGet, path, nil))
		if got := about(ctx)[5]; got != want {
			t.Errorf("%s: got %s, want %s", path, got, want)
		}
	}
}
