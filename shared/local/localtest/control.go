package localtest

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"
)

// Control is how a test and its functions, which are other processes, keep in
// step: each side waits for the other at points with a name.
type Control struct {
	Base   string // its URL, the CONTROL of the functions' environments
	mu     sync.Mutex
	points map[string]chan string
}

// NewControl starts the server that a test and its functions meet at.
func NewControl(t *testing.T) *Control {
	c := &Control{points: map[string]chan string{}}
	done := make(chan struct{})
	mux := http.NewServeMux()
	mux.HandleFunc("/tell/{point}", func(_ http.ResponseWriter, r *http.Request) {
		text, _ := io.ReadAll(r.Body)
		select {
		case c.point(r.PathValue("point")) <- string(text):
		case <-done:
		}
	})
	mux.HandleFunc("/ask/{point}", func(w http.ResponseWriter, r *http.Request) {
		select {
		case text := <-c.point(r.PathValue("point")):
			fmt.Fprint(w, text)
		case <-r.Context().Done():
		case <-done:
		}
	})
	// Whoever comes here stays until its process dies.
	mux.HandleFunc("/hold/{point}", func(_ http.ResponseWriter, r *http.Request) {
		c.point(r.PathValue("point")) <- "came"
		select {
		case <-r.Context().Done():
			c.point(r.PathValue("point")) <- "left"
		case <-done:
		}
	})
	server := httptest.NewServer(mux)
	c.Base = server.URL
	t.Cleanup(func() {
		close(done)
		server.Close()
	})
	return c
}

func (c *Control) point(name string) chan string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.points[name] == nil {
		c.points[name] = make(chan string)
	}
	return c.points[name]
}

// Patience is how long a test waits for a function.
const Patience = 30 * time.Second

// Await waits until a function tells something at a point.
func (c *Control) Await(t *testing.T, point string) string {
	t.Helper()
	select {
	case text := <-c.point(point):
		return text
	case <-time.After(Patience):
		t.Fatalf("no function came to %q", point)
		return ""
	}
}

// Release lets a function that asks at a point go on.
func (c *Control) Release(t *testing.T, point string) {
	t.Helper()
	select {
	case c.point(point) <- "":
	case <-time.After(Patience):
		t.Fatalf("no function asked at %q", point)
	}
}
