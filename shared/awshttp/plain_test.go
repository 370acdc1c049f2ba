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
			t.Error("the body has WriteTo")
		}
		body, err := io.ReadAll(r.Body)
		if err != nil || string(body) != "text" {
			t.Errorf("body %q, %v", body, err)
		}
		return nil, io.EOF
	}))
	r, err := http.NewRequest(http.MethodPost, "http://example.invalid", io.NopCloser(strings.NewReader("text")))
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := r.Body.(io.WriterTo); !ok {
		t.Fatal("the test needs a body with WriteTo")
	}
	_, _ = client.Do(r)
}
