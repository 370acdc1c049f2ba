package bedrock_test

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/model"
	"github.com/quintet-agents/quintet/shared/model/modeltest"
)

// Reading stops where an answer exceeds a bound, streamed or not.
func TestProvider_Bounds(t *testing.T) {
	call := func(i, size int) []byte {
		b := frame(t, "event", "contentBlockStart", fmt.Sprintf(`{"contentBlockIndex":%d,"start":{"toolUse":{"toolUseId":"x%d","name":"f"}}}`, i, i))
		b = append(b, frame(t, "event", "contentBlockDelta", fmt.Sprintf(`{"contentBlockIndex":%d,"delta":{"toolUse":{"input":"{\"a\":\"%s\"}"}}}`, i, strings.Repeat("x", size)))...)
		return append(b, frame(t, "event", "contentBlockStop", fmt.Sprintf(`{"contentBlockIndex":%d}`, i))...)
	}
	text := frame(t, "event", "contentBlockDelta", `{"contentBlockIndex":0,"delta":{"text":"`+strings.Repeat("x", 10_000)+`"}}`)
	giant := binary.BigEndian.AppendUint32(nil, 15<<20)
	for name, tc := range map[string]struct {
		frame func(i int) []byte
		whole string // a block of a non-streamed answer
	}{
		"text":      {func(int) []byte { return text }, `{"text":"` + strings.Repeat("x", 10_000) + `"}`},
		"calls":     {func(i int) []byte { return call(i, 1) }, `{"toolUse":{"toolUseId":"x","name":"f","input":{}}}`},
		"arguments": {func(i int) []byte { return call(i, 50_000) }, `{"toolUse":{"toolUseId":"x","name":"f","input":{"a":"` + strings.Repeat("x", 50_000) + `"}}}`},
		"a frame":   {func(int) []byte { return append(giant, make([]byte, 1<<20)...) }, `{"text":"` + strings.Repeat("x", 3<<20) + `"}`},
	} {
		t.Run(name, func(t *testing.T) {
			p := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if strings.HasSuffix(r.URL.Path, "/converse") {
					_, _ = io.WriteString(w, `{"output":{"message":{"role":"assistant","content":[`+tc.whole)
					for range 200 {
						if _, err := io.WriteString(w, ","+tc.whole); err != nil {
							return
						}
					}
					_, _ = io.WriteString(w, `]}},"stopReason":"end_turn"}`)
					return
				}
				w.Header().Set("Content-Type", "application/vnd.amazon.eventstream")
				_, err := w.Write(frame(t, "event", "messageStart", `{"role":"assistant"}`))
				for i := 0; i < 10_000 && err == nil; i++ {
					_, err = w.Write(tc.frame(i))
				}
			}))
			reply, err := p.Converse(t.Context(), modeltest.Ask("hello"))
			if !fault.Is(err, fault.Internal) || !errors.Is(err, model.ErrTooLarge) {
				t.Errorf("Converse: got error %v, want ErrTooLarge", err)
			}
			if name == "text" && len(reply.Text) != model.MaxAnswerText {
				t.Errorf("got %d bytes of the text, want %d", len(reply.Text), model.MaxAnswerText)
			}
			events, err := modeltest.Collect(t.Context(), p, modeltest.Ask("hello"))
			if !fault.Is(err, fault.Internal) || !errors.Is(err, model.ErrTooLarge) {
				t.Errorf("Stream: got error %v, want ErrTooLarge", err)
			}
			streamed := 0
			for _, e := range events {
				if d, ok := e.(model.TextDelta); ok {
					streamed += len(d)
				}
			}
			if streamed > model.MaxAnswerText || name == "text" && streamed != model.MaxAnswerText {
				t.Errorf("Stream: got %d bytes of text, want at most %d", streamed, model.MaxAnswerText)
			}
		})
	}
}

// The provider gives up on a server that sends nothing, streamed or not, before the
// first word and after it.
func TestProvider_SilentServer(t *testing.T) {
	for name, beginning := range map[string][]byte{
		"at once":              nil,
		"before a word":        frame(t, "event", "messageStart", `{"role":"assistant"}`),
		"after the first word": append(frame(t, "event", "messageStart", `{"role":"assistant"}`), frame(t, "event", "contentBlockDelta", `{"contentBlockIndex":0,"delta":{"text":"a"}}`)...),
	} {
		t.Run(name, func(t *testing.T) {
			p := serveWithin(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				_, _ = io.Copy(io.Discard, r.Body) // else the server does not notice a disconnect
				if strings.HasSuffix(r.URL.Path, "-stream") && beginning != nil {
					_, _ = w.Write(beginning)
					_ = http.NewResponseController(w).Flush()
				}
				<-r.Context().Done()
			}), 50*time.Millisecond)
			_, err := p.Converse(t.Context(), modeltest.Ask("hello"))
			checkFault(t, err, fault.ModelUnavailable)
			_, err = modeltest.Collect(t.Context(), p, modeltest.Ask("hello"))
			checkFault(t, err, fault.ModelUnavailable)
		})
	}
}
