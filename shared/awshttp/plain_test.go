package awshttp

import (
	"io"
	"net/http"
	"strings"
	"testing"
)

type doer func(*http.Request) (*http.Response, error)

func (d doer) Do(r *http.Request) (*http.Response, error) { return d(r) }

// A body keeps its content and hides its WriteTo.
func TestPlainBodies(t *testing.T) {
	client := PlainBodies(doer(func(r *http.Request) (*http.Response, error) {
		if _, ok := r.Body.(io.WriterTo); ok {
			t.Error("got a body with WriteTo, want one without")
		}
		body, err := io.ReadAll(r.Body)
		if err != nil || string(body) != "text" {
			t.Errorf(`got body %q, %v; want "text"`, body, err)
		}
		return nil, io.EOF
	}))
	r, err := http.NewRequest(http.MethodPost, "http://example.invalid", io.NopCloser(strings.NewReader("text")))
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := r.Body.(io.WriterTo); !ok {
		t.Fatal("got a body without WriteTo, want one with it for this test")
	}
	_, _ = client.Do(r)
}
