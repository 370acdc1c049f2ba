package openai_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/model"
	"github.com/quintet-agents/quintet/shared/model/apikey"
	"github.com/quintet-agents/quintet/shared/model/modeltest"
	"github.com/quintet-agents/quintet/shared/model/openai"
	"github.com/quintet-agents/quintet/shared/model/watch"
)

// A server sends 20 MB of each part of an answer, streamed or not. The provider
// returns an error and allocates little memory: a chat function has 128 MB, and a
// third of it is free.
func TestProvider_Bounds(t *testing.T) {
	const size = 20 << 20
	const most = 24 << 20 // bytes allocated in all, including garbage and the test server's
	text := strings.Repeat("x", 8<<10)
	chunk := func(delta string) string { return `data: {"choices":[{"index":0,"delta":{` + delta + "}}]}\n\n" }
	type body struct{ first, piece, last string }
	const opening = `{"choices":[{"index":0,"finish_reason":"stop","message":{"role":"assistant",`
	for name, tc := range map[string]struct{ stream, whole body }{
		"text":      {body{"", chunk(`"content":"` + text + `"`), ""}, body{opening + `"content":"`, text, `"}}]}`}},
		"a line":    {body{`data: {"choices":[{"index":0,"delta":{"content":"`, text, `"}}]}` + "\n\n"}, body{opening + `"content":"`, text, `"}}]}`}},
		"an event":  {body{"", "data: " + text + "\n", "\n\n"}, body{"{", strings.Repeat(" ", 8<<10), "}"}},
		"arguments": {body{"", chunk(`"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"` + text + `"}}]`), ""}, body{opening + `"tool_calls":[{"id":"a","function":{"name":"f","arguments":"`, text, `"}}]}}]}`}},
		"calls":     {body{"", chunk(`"tool_calls":[{"function":{"name":"f"}},{"function":{"name":"f"}}]`), ""}, body{opening + `"tool_calls":[{}`, `,{"function":{"name":"f"}}`, `]}}]}`}},
		"choices":   {body{`data: {"choices":[{}`, ",{}", "]}\n\n"}, body{`{"choices":[{}`, ",{}", "]}"}},
		"parts":     {body{"", chunk(`"content":[` + strings.Repeat(`{"text":"`+text[:100]+`"},`, 50) + `""]`), ""}, body{opening + `"content":[""`, `,{"text":"x"}`, `]}}]}`}},
	} {
		t.Run(name, func(t *testing.T) {
			p := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				asked, _ := io.ReadAll(r.Body)
				b := tc.whole
				if strings.Contains(string(asked), `"stream":true`) {
					b = tc.stream
				}
				_, err := io.WriteString(w, b.first)
				piece := strings.Repeat(b.piece, max(4096/len(b.piece), 1))
				for sent := 0; sent < size && err == nil; sent += len(piece) {
					_, err = io.WriteString(w, piece)
				}
				_, _ = io.WriteString(w, b.last)
			}))
			measured(t, "Converse", most, func() error {
				_, err := p.Converse(t.Context(), modeltest.Ask("hello"))
				return err
			})
			measured(t, "Stream", most, func() error {
				_, err := modeltest.Collect(t.Context(), p, modeltest.Ask("hello"))
				return err
			})
		})
	}
}

// The reply of a non-streamed answer beyond the bound has the text within the bound.
func TestProvider_KeepsTextWithinBound(t *testing.T) {
	text := strings.Repeat("x", model.MaxAnswerText+1)
	p := serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"choices":[{"message":{"content":"`+text+`"},"finish_reason":"stop"}]}`)
	}))
	reply, err := p.Converse(t.Context(), modeltest.Ask("hello"))
	if !errors.Is(err, model.ErrTooLarge) || len(reply.Text) != model.MaxAnswerText {
		t.Errorf("got %d bytes, %v, want %d and ErrTooLarge", len(reply.Text), err, model.MaxAnswerText)
	}
}

// measured checks that do returns ErrTooLarge and allocates at most most bytes.
func measured(t *testing.T, name string, most uint64, do func() error) {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	err := do()
	runtime.ReadMemStats(&after)
	if !fault.Is(err, fault.Internal) || !errors.Is(err, model.ErrTooLarge) {
		t.Errorf("%s: got error %v, want ErrTooLarge", name, err)
	}
	took := after.TotalAlloc - before.TotalAlloc
	t.Logf("%s: %.1f MB allocated", name, float64(took)/1e6)
	if took > most {
		t.Errorf("%s: got %d bytes allocated, want at most %d", name, took, most)
	}
}

// The provider gives up on a server that sends nothing, streamed or not, before the
// first word and after it. It does not retry.
func TestProvider_SilentServer(t *testing.T) {
	for name, beginning := range map[string]string{
		"at once":              "",
		"after signs of life":  ": hm\n\n: hm\n\n",
		"after the first word": `data: {"choices":[{"index":0,"delta":{"content":"a"}}]}` + "\n\n",
	} {
		t.Run(name, func(t *testing.T) {
			var requests atomic.Int32
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				requests.Add(1)
				asked, _ := io.ReadAll(r.Body)
				if beginning != "" && strings.Contains(string(asked), `"stream":true`) {
					_, _ = io.WriteString(w, beginning)
					_ = http.NewResponseController(w).Flush()
				}
				<-r.Context().Done()
			}))
			t.Cleanup(server.Close)
			const limit = 50 * time.Millisecond
			p := openai.New(server.URL+"/v1", apikey.Fixed(""), server.Client(), watch.Limits{FirstToken: limit, Idle: limit, Answer: limit})
			_, err := p.Converse(t.Context(), modeltest.Ask("hello"))
			checkFault(t, err, fault.ModelUnavailable, 5*time.Second)
			_, err = modeltest.Collect(t.Context(), p, modeltest.Ask("hello"))
			checkFault(t, err, fault.ModelUnavailable, 5*time.Second)
			if n := requests.Load(); n != 2 {
				t.Errorf("got %d requests for two calls, want 2", n)
			}
		})
	}
}
