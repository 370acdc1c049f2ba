package openai_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/quintet-agents/quintet/shared/model"
	"github.com/quintet-agents/quintet/shared/model/modeltest"
)

func TestProvider_ImageBody(t *testing.T) {
	var body []byte
	p := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ = io.ReadAll(r.Body)
		fake{}.whole(w, r, answer("hello"))
	}))
	if _, err := p.Converse(t.Context(), modeltest.ImageRequest()); err != nil {
		t.Fatal(err)
	}
	modeltest.CheckBody(t, body)
}

// Images beyond OpenAI's limits are refused without a request.
func TestProvider_ImageLimits(t *testing.T) {
	requests := 0
	p := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requests++
		fake{}.whole(w, r, answer("I see."))
	}))
	large := modeltest.PNG(t, 12, 8)
	large.Data = append(bytes.Clone(large.Data), make([]byte, 20_000_000-len(large.Data))...)
	if _, err := p.Converse(t.Context(), modeltest.AskImages("look", large)); err != nil || requests != 1 {
		t.Errorf("got error %v after %d requests, want an answer to one", err, requests)
	}
	_, err := p.Converse(t.Context(), modeltest.AskImages("look", large, large, large))
	modeltest.CheckImageError(t, err, model.ImageTooLarge)
	large.Data = append(large.Data, 0)
	_, err = p.Converse(t.Context(), modeltest.AskImages("look", large))
	modeltest.CheckImageError(t, err, model.ImageTooLarge)
	if requests != 1 {
		t.Errorf("got %d requests, want none for images beyond the limits", requests-1)
	}
}

// A dialect keeps the images of a request: instructions are sent in the user's message even
// if that has no text, and joined texts are one part.
func TestDialect_Images(t *testing.T) {
	var contents []any
	p := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var body struct {
			Messages []struct {
				Role    string
				Content any
			}
		}
		_ = json.NewDecoder(r.Body).Decode(&body)
		w.Header().Set("X-Should-Retry", "false")
		if body.Messages[0].Role == "system" {
			reply(w, http.StatusBadRequest, object{"error": object{"message": "System role not supported"}})
			return
		}
		if parts, ok := body.Messages[0].Content.([]any); ok && len(parts) > 2 {
			reply(w, http.StatusBadRequest, object{"error": object{"message": "Only one text part of the content is allowed"}})
			return
		}
		contents = append(contents, body.Messages[0].Content)
		fake{}.whole(w, r, answer("hello"))
	}))
	gif := modeltest.ImageRequest().Messages[2].Images[0]
	part := func(text string) map[string]any { return map[string]any{"type": "text", "text": text} }
	shown := map[string]any{"type": "image_url", "image_url": map[string]any{"url": "data:image/gif;base64,R0lGODlhDAAIAAAAAA=="}}
	instructed := modeltest.AskImages("", gif)
	instructed.System = "Be brief."
	joined := modeltest.AskImages("look", gif)
	joined.Messages = append(modeltest.Ask("wait").Messages, joined.Messages...)
	for _, tc := range []struct {
		name string
		req  model.Request
		want []any
	}{
		{"instructions", instructed, []any{shown, part("Be brief.")}},
		{"two texts", joined, []any{shown, part("wait\n\nlook")}},
	} {
		contents = nil
		if _, err := p.Converse(t.Context(), tc.req); err != nil {
			t.Fatalf("%s: %v", tc.name, err)
		}
		if diff := cmp.Diff([]any{tc.want}, contents); diff != "" {
			t.Errorf("%s: contents (-want +got):\n%s", tc.name, diff)
		}
	}
}
