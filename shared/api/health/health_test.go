package health_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"

	"github.com/quintet-agents/quintet/shared/api/health"
	"github.com/quintet-agents/quintet/shared/api/openapi"
)

type pinger func(context.Context) error

func (p pinger) Ping(ctx context.Context) error { return p(ctx) }

func TestHealth(t *testing.T) {
	const ok, down = `{"status":"ok","version":"0.1.0"}`, `{"status":"unavailable","version":"0.1.0"}`
	for _, test := range []struct {
		name    string
		handler http.Handler
		status  int
		body    string
	}{
		{"health", health.Get(), 200, ok},
		{"ready", health.Ready(pinger(func(context.Context) error { return nil })), 200, ok},
		{"no table", health.Ready(pinger(func(context.Context) error { return errors.New("no route to host") })), 503, down},
		{"a silent table", health.Ready(pinger(func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() })), 503, down},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				got := httptest.NewRecorder()
				test.handler.ServeHTTP(got, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/health", nil))
				if got.Code != test.status || got.Body.String() != test.body || got.Header().Get("Cache-Control") != "no-store" {
					t.Errorf("got %d %s with %v, want %d %s that is not cached", got.Code, got.Body, got.Header(), test.status, test.body)
				}
			})
		})
	}
}

func TestVersion(t *testing.T) {
	var document struct{ Info struct{ Version string } }
	if err := json.Unmarshal(openapi.Document, &document); err != nil {
		t.Fatal(err)
	}
	if document.Info.Version != health.Version {
		t.Errorf("got the version %s, want the document's %s", health.Version, document.Info.Version)
	}
}
