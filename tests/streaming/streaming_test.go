// Package streaming_test reads streams with an independent client, and checks the times at
// which their events arrive.
package streaming_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/tmaxmax/go-sse"

	"github.com/quintet-agents/quintet/shared/ledger"
	"github.com/quintet-agents/quintet/tests/rig"
)

func TestMain(m *testing.M) { rig.Main(m) }

// The tests request answers of this many words, with this delay between them.
const words, delay = 20, 100 * time.Millisecond

var wish = fmt.Sprintf("[[words %d]] [[delay %d]]", words, delay.Milliseconds())

// Tokens arrive one by one, as the model produces them, through API Gateway's event, a Lambda
// process and its streamed response.
func TestStream_TokenByToken(t *testing.T) {
	r := rig.Start(t, ledger.Credit)
	for name, c := range map[string]struct {
		path  string
		body  any
		token string
		first string
		last  []string
	}{
		"Flapjack's events":  {"/api/threads/" + r.Thread(t) + "/messages", map[string]any{"content": wish}, "token", "meta", []string{"done"}},
		"AgentFlow's events": {"/agents/" + r.Agent.Slug + "/chat", map[string]any{"text": wish}, "message", "status", []string{"done", "flow_meta"}},
	} {
		t.Run(name, func(t *testing.T) {
			var a arrivals
			for event, err := range sse.Read(post(t, r, c.path, c.body), nil) {
				if err != nil {
					t.Fatal(err)
				}
				a.note(event.Type, event.Type == c.token)
			}
			a.check(t, c.first, c.token, c.last...)
		})
	}
	t.Run("lines", func(t *testing.T) {
		res := post(t, r, "/api/agents/"+r.Agent.Slug+"/chat", map[string]any{
			"messages": []any{map[string]any{"role": "user", "content": wish}}, "stream": true,
		})
		var a arrivals
		for values := json.NewDecoder(res); ; {
			var line struct{ Type string }
			if err := values.Decode(&line); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatal(err)
			}
			a.note(line.Type, line.Type == "delta")
		}
		a.check(t, "start", "delta", "done")
	})
}

// post returns the body of an answer that is still being streamed.
func post(t *testing.T, r *rig.Rig, path string, body any) io.Reader {
	t.Helper()
	b, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	return send(t, r, http.MethodPost, path, bytes.NewReader(b))
}

func send(t *testing.T, r *rig.Rig, method, path string, body io.Reader) io.Reader {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, r.Runner.URL()+path, body)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+r.Key)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = res.Body.Close() })
	if res.StatusCode != http.StatusOK {
		t.Fatalf("got status %d, want 200", res.StatusCode)
	}
	return res.Body
}

// arrivals are the events of a stream, and the arrival times of its tokens.
type arrivals struct {
	names  []string
	tokens []time.Time
}

func (a *arrivals) note(name string, token bool) {
	a.names = append(a.names, name)
	if token {
		a.tokens = append(a.tokens, time.Now())
	}
}

func (a *arrivals) check(t *testing.T, first, token string, last ...string) {
	t.Helper()
	want := append(append([]string{first}, slices.Repeat([]string{token}, words)...), last...)
	if !slices.Equal(a.names, want) {
		t.Fatalf("got events %q, want %q", a.names, want)
	}
	var gaps []time.Duration
	for i := 1; i < len(a.tokens); i++ {
		gaps = append(gaps, a.tokens[i].Sub(a.tokens[i-1]))
	}
	t.Logf("gaps between tokens: %v", gaps)
	// Single gaps may stretch on a busy machine. The median gap may not, and would vanish if
	// tokens were held back.
	slices.Sort(gaps)
	if middle := gaps[len(gaps)/2]; middle < delay*8/10 || middle > delay*13/10 {
		t.Errorf("got a median gap of %s, want about %s", middle, delay)
	}
	if total := a.tokens[words-1].Sub(a.tokens[0]); total < (words-1)*delay*9/10 {
		t.Errorf("got all tokens within %s, want at least %s", total, (words-1)*delay*9/10)
	}
}
