package boot_test

import (
	"errors"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/boot"
	"github.com/quintet-agents/quintet/shared/fault"
)

// patience is longer than any of these tests takes.
const patience = 5 * time.Second

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// stream starts a handler and returns its answer, with the body unread.
func stream(t *testing.T, h http.HandlerFunc, e events.APIGatewayProxyRequest) *events.APIGatewayProxyStreamingResponse {
	t.Helper()
	res, err := boot.Streamed(h)(t.Context(), e)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = res.Close() })
	return res
}

func TestStreamed_Answers(t *testing.T) {
	type answer struct {
		Status  int
		Headers map[string][]string
		Cookies []string
		Body    string
	}
	none := map[string][]string{}
	for name, c := range map[string]struct {
		h    http.HandlerFunc
		want answer
	}{
		"nothing at all":    {func(http.ResponseWriter, *http.Request) {}, answer{Status: 200, Headers: none}},
		"a status":          {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(204) }, answer{Status: 204, Headers: none}},
		"a body":            {func(w http.ResponseWriter, _ *http.Request) { write(w, "a", "b") }, answer{Status: 200, Headers: none, Body: "ab"}},
		"a refusal":         {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(402); write(w, "no") }, answer{Status: 402, Headers: none, Body: "no"}},
		"the first status":  {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(201); w.WriteHeader(500) }, answer{Status: 201, Headers: none}},
		"a status too late": {func(w http.ResponseWriter, _ *http.Request) { write(w, "a"); w.WriteHeader(500) }, answer{Status: 200, Headers: none, Body: "a"}},
		"headers": {
			func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Add("X-Many", "1")
				w.Header().Add("x-many", "2")
				write(w, "a")
			},
			answer{Status: 200, Headers: map[string][]string{"X-Many": {"1", "2"}}, Body: "a"},
		},
		"headers too late": {
			func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("X-Soon", "1")
				write(w, "a")
				w.Header().Set("X-Soon", "2")
				w.Header().Set("X-Late", "1")
			},
			answer{Status: 200, Headers: map[string][]string{"X-Soon": {"1"}}, Body: "a"},
		},
		"cookies": { // the prelude has a field of its own for them
			func(w http.ResponseWriter, _ *http.Request) {
				http.SetCookie(w, &http.Cookie{Name: "a", Value: "1"})
				http.SetCookie(w, &http.Cookie{Name: "b", Value: "2"})
			},
			answer{Status: 200, Headers: none, Cookies: []string{"a=1", "b=2"}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			res := stream(t, c.h, events.APIGatewayProxyRequest{HTTPMethod: "GET", Path: "/"})
			body, err := io.ReadAll(res.Body)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(c.want, answer{res.StatusCode, res.MultiValueHeaders, res.Cookies, string(body)}); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

func write(w io.Writer, texts ...string) {
	for _, text := range texts {
		_, _ = io.WriteString(w, text)
	}
}

// The pipe recovers from a handler's panic. Otherwise the panic would end the test binary.
func TestStreamed_Panic(t *testing.T) {
	for name, value := range map[string]any{"text": "boom", "error": errors.New("boom"), "abort": http.ErrAbortHandler} {
		t.Run(name+" before the headers", func(t *testing.T) {
			res := stream(t, func(http.ResponseWriter, *http.Request) { panic(value) }, events.APIGatewayProxyRequest{})
			body, err := io.ReadAll(res.Body)
			if res.StatusCode != http.StatusInternalServerError || len(body) != 0 || err == nil {
				t.Errorf("got status %d, body %q, error %v; want 500, no body, an error", res.StatusCode, body, err)
			}
		})
		t.Run(name+" after the first byte", func(t *testing.T) {
			res := stream(t, func(w http.ResponseWriter, _ *http.Request) {
				write(w, "begun")
				panic(value)
			}, events.APIGatewayProxyRequest{})
			body, err := io.ReadAll(res.Body)
			if res.StatusCode != http.StatusOK || string(body) != "begun" || err == nil {
				t.Errorf(`got status %d, body %q, error %v; want 200, "begun", an error`, res.StatusCode, body, err)
			}
		})
	}
}

// A surface's handler reports a panic in its own form if the answer has not begun.
func TestStreamed_SurfacePanic(t *testing.T) {
	writeError := func(w http.ResponseWriter, e *fault.Error) { _ = wire.JSON(w, 500, e.Code) }
	handle := func(h wire.HandlerFunc) http.HandlerFunc { return wire.Handle(writeError, h).ServeHTTP }
	t.Run("before the headers", func(t *testing.T) {
		res := stream(t, handle(func(http.ResponseWriter, *http.Request) error { panic("boom") }), events.APIGatewayProxyRequest{})
		body, err := io.ReadAll(res.Body)
		if res.StatusCode != 500 || string(body) != `"internal"` || err != nil {
			t.Errorf(`got status %d, body %s, error %v; want 500, "internal", no error`, res.StatusCode, body, err)
		}
	})
	t.Run("after the first byte", func(t *testing.T) {
		res := stream(t, handle(func(w http.ResponseWriter, _ *http.Request) error {
			write(w, "begun")
			panic("boom")
		}), events.APIGatewayProxyRequest{})
		body, err := io.ReadAll(res.Body)
		if res.StatusCode != 200 || string(body) != "begun" || err == nil {
			t.Errorf(`got status %d, body %q, error %v; want 200, "begun", an error`, res.StatusCode, body, err)
		}
	})
}

// Each write can be read before the next one.
func TestStreamed_WritesArriveOneByOne(t *testing.T) {
	next := make(chan struct{})
	res := stream(t, func(w http.ResponseWriter, _ *http.Request) {
		for _, text := range []string{"one", "two", "three"} {
			write(w, text)
			if err := http.NewResponseController(w).Flush(); err != nil {
				t.Error(err)
			}
			<-next
		}
	}, events.APIGatewayProxyRequest{})
	buffer := make([]byte, 100)
	for _, want := range []string{"one", "two", "three"} {
		n, err := res.Body.Read(buffer)
		if err != nil || string(buffer[:n]) != want {
			t.Fatalf("got %q, %v; want %q", buffer[:n], err, want)
		}
		next <- struct{}{}
	}
	if n, err := res.Body.Read(buffer); n != 0 || !errors.Is(err, io.EOF) {
		t.Errorf("got %d bytes, %v after the end; want 0, io.EOF", n, err)
	}
}

// When the reader leaves, only the writes fail: the turn continues to its settlement.
func TestStreamed_ReaderLeaves(t *testing.T) {
	gone, done := make(chan struct{}), make(chan error, 1)
	res := stream(t, func(w http.ResponseWriter, r *http.Request) {
		write(w, "begun")
		<-gone
		var err error
		for err == nil { // until the reader has left
			_, err = io.WriteString(w, "more")
		}
		_, again := io.WriteString(w, "and more")
		if err == nil || again == nil {
			t.Errorf("got errors %v and %v after the reader left, want two", err, again)
		}
		done <- r.Context().Err()
	}, events.APIGatewayProxyRequest{})
	if _, err := res.Body.Read(make([]byte, 5)); err != nil {
		t.Fatal(err)
	}
	closed := make(chan error, 1)
	go func() { closed <- res.Close() }()
	close(gone)
	select {
	case err := <-done:
		if err != nil {
			t.Errorf("the handler's context ended: %v", err)
		}
	case <-time.After(patience):
		t.Error("the handler did not run to its end")
	}
	if err := <-closed; err != nil {
		t.Error(err)
	}
}
