package openai_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/model"
	"github.com/quintet-agents/quintet/shared/model/modeltest"
)

// The log distinguishes failures that have the same error for callers: a wrong key, a
// wrong model, a wrong address, and a response that is not JSON.
func TestProvider_ErrorCauses(t *testing.T) {
	for name, tc := range map[string]struct {
		status      int
		contentType string
		body        string
		want        fault.Code
		cause       []string
	}{
		"key":         {401, "application/json", `{"error":{"message":"Incorrect API key provided","code":"invalid_api_key"}}`, fault.ModelRefused, []string{"refuses the key", "status 401", "Incorrect API key"}},
		"model":       {404, "application/json", `{"error":{"message":"The model 'x' does not exist","code":"model_not_found"}}`, fault.ModelRefused, []string{`model "local"`, "does not know the model or does not allow it"}},
		"address":     {404, "text/html", "<html>Not Found</html>", fault.ModelRefused, []string{"base URL is wrong", "/v1/chat/completions", `"text/html"`}},
		"credit":      {402, "application/json", `{"error":{"message":"Insufficient Balance"}}`, fault.ModelRefused, []string{"out of credit"}},
		"no JSON":     {200, "text/html; charset=utf-8", "<html>hello</html>", fault.Internal, []string{"content type text/html", "/v1/chat/completions", "<html>hello"}},
		"no stream":   {200, "text/plain", "default backend", fault.Internal, []string{"content type text/plain"}},
		"two objects": {200, "application/x-ndjson", "{}\n{}", fault.Internal, []string{"content type application/x-ndjson"}},
	} {
		t.Run(name, func(t *testing.T) {
			p := serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("X-Should-Retry", "false")
				w.Header().Set("Content-Type", tc.contentType)
				w.WriteHeader(tc.status)
				_, _ = io.WriteString(w, tc.body)
			}))
			_, whole := p.Converse(t.Context(), modeltest.Ask("hello"))
			_, stream := modeltest.Collect(t.Context(), p, modeltest.Ask("hello"))
			for way, err := range map[string]error{"Converse": whole, "Stream": stream} {
				if !fault.Is(err, tc.want) {
					t.Errorf("%s: got error %v, want %s", way, err, tc.want)
				}
				for _, part := range tc.cause {
					if !strings.Contains(err.Error(), part) {
						t.Errorf("%s: got error %q, want %q in it", way, err, part)
					}
				}
			}
		})
	}
}

// The numbers of a too long request come from the error's message or from its fields.
func TestProvider_RequestTooLong(t *testing.T) {
	for name, body := range map[string]string{
		"words":  `{"error":{"message":"This model's maximum context length is 4096 tokens. However, your messages resulted in 5000 tokens.","code":"context_length_exceeded"}}`,
		"fields": `{"error":{"code":400,"message":"the request exceeds the available context size","type":"exceed_context_size_error","n_prompt_tokens":5000,"n_ctx":4096}}`,
	} {
		p := serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusBadRequest)
			_, _ = io.WriteString(w, body)
		}))
		_, err := p.Converse(t.Context(), modeltest.Ask("hello"))
		tooLong, ok := errors.AsType[*model.TooLongError](err)
		if !ok || tooLong.Limit != 4096 || tooLong.Prompt != 5000 || !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: got error %v, want a prompt of 5000 tokens and a limit of 4096", name, err)
		}
	}
}
