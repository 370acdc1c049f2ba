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

// Control synchronises a test and its functions, which are other processes: each side
// waits for the other at named points.
type Control struct {
	Base   string // the server's URL, the variable CONTROL of the functions
	mu     sync.Mutex
	points map[string]chan string
}

// NewControl starts the server through which a test and its functions synchronise.
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
	// A function that calls this blocks until its process is killed.
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

// Patience is the longest wait of a test for a function.
const Patience = 30 * time.Second

// Await waits until a function calls tell with a point, and returns its text.
func (c *Control) Await(t *testing.T, point string) string {
	t.Helper()
	select {
	case text := <-c.point(point):
		return text
	case <-time.After(Patience):
		t.Fatalf("no function called tell at %q within %v", point, Patience)
		return ""
	}
}

// Release lets a function continue that has called ask with a point.
func (c *Control) Release(t *testing.T, point string) {
	t.Helper()
	select {
	case c.point(point) <- "":
	case <-time.After(Patience):
		t.Fatalf("no function called ask at %q within %v", point, Patience)
	}
}
