package openai_test

import (
	"encoding/json"
	"io"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/quintet-agents/quintet/shared/model"
	"github.com/quintet-agents/quintet/shared/model/modeltest"
)

// The provider leaves out a part of the request that an endpoint has refused, in the
// retry and in all later requests for the same model.
func TestDialect_LeavesOutRefusedParts(t *testing.T) {
	two := model.Request{
		Model: "local", System: "Be brief.", MaxTokens: 1000, Temperature: 0.5, Stop: []string{"END"},
		Messages: []model.Message{{Role: model.User, Text: "one"}, {Role: model.User, Text: "two"}},
	}
	for name, tc := range map[string]struct {
		refuses func(body map[string]any) bool
		status  int
		refusal string
		want    map[string]any // fields of the accepted request
	}{
		"text parts": {
			func(b map[string]any) bool { return !plain(b) }, 422,
			`{"detail":[{"type":"string_type","loc":["body","messages",1,"content"],"msg":"Input should be a valid string"}]}`,
			map[string]any{"messages": []any{map[string]any{"role": "system", "content": "Be brief."}, map[string]any{"role": "user", "content": "one\n\ntwo"}}},
		},
		"system": {
			func(b map[string]any) bool { return len(b["messages"].([]any)) > 1 }, 400,
			`{"object":"error","message":"System role not supported","code":400}`,
			map[string]any{"messages": []any{map[string]any{"role": "user", "content": []any{
				map[string]any{"type": "text", "text": "Be brief."}, map[string]any{"type": "text", "text": "one"}, map[string]any{"type": "text", "text": "two"},
			}}}},
		},
		"a lower limit": {
			func(b map[string]any) bool { return b["max_tokens"].(float64) > 256 }, 400,
			`{"error":{"message":"max_tokens must be less than or equal to 256","param":"max_tokens"}}`,
			map[string]any{"max_tokens": 256.0},
		},
		"temperature": {
			func(b map[string]any) bool { return b["temperature"] != nil }, 400, `{"error":{"code":"400","message":"temperature is not supported"}}`,
			map[string]any{"temperature": nil},
		},
		"stop": {
			func(b map[string]any) bool { return b["stop"] != nil }, 400,
			`{"error":{"message":"Unsupported parameter: 'stop' is not supported with this model.","type":"invalid_request_error","param":"stop","code":"unsupported_parameter"}}`,
			map[string]any{"stop": nil, "temperature": 0.5},
		},
	} {
		t.Run(name, func(t *testing.T) {
			var bodies []map[string]any
			p := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				var body map[string]any
				_ = json.NewDecoder(r.Body).Decode(&body)
				bodies = append(bodies, body)
				if tc.refuses(body) {
					w.WriteHeader(tc.status)
					_, _ = io.WriteString(w, tc.refusal)
					return
				}
				fake{}.whole(w, r, answer("hello"))
			}))
			for range 2 {
				if got, err := p.Converse(t.Context(), two); err != nil || got.Text != "hello" {
					t.Fatalf("got %+v, error %v, want hello", got, err)
				}
			}
			if len(bodies) != 3 {
				t.Errorf("got %d requests for two answers, want 3", len(bodies))
			}
			for field, want := range tc.want {
				if diff := cmp.Diff(want, bodies[len(bodies)-1][field]); diff != "" {
					t.Errorf("%s (-want +got):\n%s", field, diff)
				}
			}
		})
	}
}

// plain reports whether the content of every message is a string.
func plain(body map[string]any) bool {
	for _, m := range body["messages"].([]any) {
		if _, ok := m.(map[string]any)["content"].(string); !ok {
			return false
		}
	}
	return true
}

// An error remains an error when leaving parts out does not help.
func TestDialect_UnavoidableRefusal(t *testing.T) {
	requests := 0
	p := serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		requests++
		w.WriteHeader(http.StatusBadRequest)
		_, _ = io.WriteString(w, `{"error":{"message":"temperature, max_tokens and stream_options are refused, whatever they are"}}`)
	}))
	if _, err := modeltest.Collect(t.Context(), p, modeltest.Ask("hello")); err == nil {
		t.Error("got no error, want one")
	}
	if requests > 5 {
		t.Errorf("got %d requests, want at most 5", requests)
	}
}
