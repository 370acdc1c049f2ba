package laws_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/quintet-agents/quintet/shared/dynamo/dynamotest"
	"github.com/quintet-agents/quintet/shared/model"
)

const (
	silence   = 30 * time.Second // of the model
	toolTime  = 9 * time.Second  // a tool call takes at most 10 s
	maxSilent = 10 * time.Second // of a stream
)

// Regardless of how long the model is silent, before its first word, between two or after
// the last, a stream has a heartbeat at least every 10 s. Readers see the same events as
// without the silence.
func TestStream_Heartbeat(t *testing.T) {
	beyond := startOutside(t)
	w := newWorld(t, dynamotest.Through(beyond))
	th := w.Thread(t, w.agent).ID
	said := script{rounds: []round{
		{pieces: []string{"Let me ", "see\n"}, calls: []call{{ToolCall: model.ToolCall{ID: "tooluse_1", Name: "look_up", Input: []byte(`{}`)}, result: "a\n\nb"}}},
		{pieces: []string{"👩‍", "👧 \u2028", "done"}, usage: model.Usage{Input: 3, Output: 4}},
	}}
	streams := 0
	for _, forms := range surfaces {
		for _, s := range forms {
			if s.whole {
				continue
			}
			streams++
			t.Run(s.name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					w.player.play(said)
					w.player.thinks, w.player.works = silence, toolTime
					r, _ := w.request(http.MethodPost, s.path(w, th), s.body("hello", th), "")
					began := time.Now()
					client := &client{header: http.Header{}, last: began}
					w.mux.ServeHTTP(client, r)
					if client.longest >= maxSilent {
						t.Errorf("got a silence of %s, want less than %s", client.longest, maxSilent)
					}
					if lasted := time.Since(began); client.writes < int(lasted/maxSilent) || lasted < 5*silence {
						t.Errorf("got %d writes in %s, want at least %d in at least %s", client.writes, lasted, int(lasted/maxSilent), 5*silence)
					}
					if client.status != http.StatusOK {
						t.Fatalf("got status %d: %s, want 200", client.status, client.body.String())
					}
					told, err := s.read(answer{client.status, client.header, client.body.String()})
					if err != nil {
						t.Fatal(err)
					}
					if d := cmp.Diff(s.steps(said), told.steps, unexported); d != "" {
						t.Errorf("steps of the stream (-want +got):\n%s", d)
					}
					if want := said.said(len(said.rounds)); told.content != want {
						t.Errorf("got whole answer %q, want %q", told.content, want)
					}
				})
			})
		}
	}
	if streams != len(surfaces)-1 {
		t.Errorf("got %d streaming surfaces, want %d: all but FlowGent", streams, len(surfaces)-1)
	}
}

// client reads a stream and measures its silences.
type client struct {
	header  http.Header
	status  int
	body    strings.Builder
	last    time.Time // the time of the last write
	longest time.Duration
	writes  int
}

// Header implements http.ResponseWriter.
func (c *client) Header() http.Header { return c.header }

// WriteHeader implements http.ResponseWriter. A status ends the silence for proxies, though
// not for a reader of the body.
func (c *client) WriteHeader(status int) {
	c.status = status
	c.hear()
}

// Write implements http.ResponseWriter.
func (c *client) Write(p []byte) (int, error) {
	c.hear()
	c.writes++
	return c.body.Write(p)
}

func (c *client) hear() {
	c.longest = max(c.longest, time.Since(c.last))
	c.last = time.Now()
}

// outside sends requests from outside a synctest bubble: inside, open connections would
// stop the bubble's clock. Its channels and the values that they pass belong to no bubble.
type outside struct {
	mu       sync.Mutex // one request at a time
	requests chan *http.Request
	answers  chan arrival
}

type arrival struct {
	response *http.Response
	err      error
}

func startOutside(t *testing.T) *outside {
	t.Helper()
	o := &outside{requests: make(chan *http.Request), answers: make(chan arrival)}
	t.Cleanup(func() { close(o.requests) })
	go func() {
		for r := range o.requests {
			o.answers <- fetch(r)
		}
	}()
	return o
}

// fetch sends a request and reads its whole answer.
func fetch(r *http.Request) arrival {
	res, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		return arrival{err: err}
	}
	body, err := io.ReadAll(res.Body)
	_ = res.Body.Close()
	res.Body = io.NopCloser(bytes.NewReader(body))
	return arrival{res, err}
}

// RoundTrip implements http.RoundTripper.
func (o *outside) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	free, err := http.NewRequestWithContext(context.Background(), r.Method, r.URL.String(), bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	free.Header = r.Header.Clone()
	o.mu.Lock()
	defer o.mu.Unlock()
	o.requests <- free
	a := <-o.answers
	return a.response, a.err
}
