package openai_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/model"
	"github.com/quintet-agents/quintet/shared/model/apikey"
	"github.com/quintet-agents/quintet/shared/model/modeltest"
	"github.com/quintet-agents/quintet/shared/model/openai"
	"github.com/quintet-agents/quintet/shared/model/watch"
)

// Stream and Converse read arbitrary response bodies. They return the same text or the
// same kind of error, and every delta is valid UTF-8.
func FuzzAnswer(f *testing.F) {
	for _, body := range []string{
		"data: {\"choices\":[{\"delta\":{\"content\":\"a\xF0\x9F\"}}]}\r\n\r\ndata: {\"choices\":[{\"delta\":{\"content\":\"\x98\x80\"},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n",
		`{"choices":[{"message":{"content":[{"type":"text","text":"\ud83d"}],"tool_calls":[{"function":{"name":"f","arguments":{}}}]},"finish_reason":"stop"}],"usage":{"prompt_tokens":"3","completion_tokens":1e300}}`,
		`{"error":{"message":"overloaded","code":429}}`, "<html>", "", ": \n\ndata:[DONE]\n\n", "event: error\ndata: {}\n\n",
	} {
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body string) {
		p := openai.New("http://model.invalid/v1", apikey.Fixed(""), &http.Client{Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: http.StatusOK, Request: r, Body: io.NopCloser(strings.NewReader(body))}, nil
		})}, watch.Limits{})
		events, failure := modeltest.Collect(t.Context(), p, modeltest.Ask("hello"))
		whole, err := p.Converse(t.Context(), modeltest.Ask("hello"))
		if fault.From(failure) != nil && fault.From(err) != nil && fault.From(failure).Code != fault.From(err).Code || (failure == nil) != (err == nil) {
			t.Fatalf("Stream: got error %v, want that of Converse: %v", failure, err)
		}
		text := ""
		for _, e := range events {
			if d, ok := e.(model.TextDelta); ok {
				if !utf8.ValidString(string(d)) || d == "" {
					t.Fatalf("got delta %q, want valid UTF-8 that is not empty", d)
				}
				text += string(d)
			}
		}
		if failure == nil && whole.Text != text {
			t.Fatalf("Stream: got %q, want that of Converse: %q", text, whole.Text)
		}
	})
}
