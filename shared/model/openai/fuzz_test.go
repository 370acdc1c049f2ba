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

// FuzzAnswer answers with anything. A stream is whole characters and either ends or
// fails as providers may, and an answer in one piece of the same bytes is the same
// answer or the same failure.
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
			t.Fatalf("streamed: %v; whole: %v", failure, err)
		}
		text := ""
		for _, e := range events {
			if d, ok := e.(model.TextDelta); ok {
				if !utf8.ValidString(string(d)) || d == "" {
					t.Fatalf("a piece is %q", d)
				}
				text += string(d)
			}
		}
		if failure == nil && whole.Text != text {
			t.Fatalf("whole %q, in pieces %q", whole.Text, text)
		}
	})
}
