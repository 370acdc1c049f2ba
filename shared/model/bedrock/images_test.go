package bedrock_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"testing"

	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/model"
	"github.com/quintet-agents/quintet/shared/model/modeltest"
	"github.com/quintet-agents/quintet/shared/model/scripted"
)

func TestProvider_ImageBody(t *testing.T) {
	var body []byte
	p := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ = io.ReadAll(r.Body)
		w.WriteHeader(http.StatusInternalServerError)
	}))
	_, _ = p.Converse(t.Context(), modeltest.ImageRequest())
	modeltest.CheckBody(t, body)
	body = nil
	_, _ = modeltest.Collect(t.Context(), p, modeltest.ImageRequest())
	modeltest.CheckBody(t, body)
}

// Images beyond Bedrock's limits are refused without a request. Those at the limits are sent,
// and the model accepts them: it has the same limits.
func TestProvider_ImageLimits(t *testing.T) {
	const most = 15 << 18
	small := modeltest.PNG(t, 12, 8)
	sized := func(n int) model.Image {
		i := small
		i.Data = append(bytes.Clone(i.Data), make([]byte, n-len(i.Data))...)
		return i
	}
	many := func(n int, i model.Image) []model.Image { return slices.Repeat([]model.Image{i}, n) }
	for name, tc := range map[string]struct {
		images []model.Image
		ok     bool
	}{
		"3.75 MB":        {[]model.Image{sized(most)}, true},
		"a byte more":    {[]model.Image{sized(most + 1)}, false},
		"8,000 px wide":  {[]model.Image{modeltest.PNG(t, 8000, 1)}, true},
		"8,001 px wide":  {[]model.Image{modeltest.PNG(t, 8001, 1)}, false},
		"8,001 px high":  {[]model.Image{modeltest.PNG(t, 1, 8001)}, false},
		"20 images":      {many(20, small), true},
		"21 images":      {many(21, small), false},
		"18 MB together": {many(6, sized(3<<20)), true},
		"21 MB together": {many(7, sized(3<<20)), false},
	} {
		t.Run(name, func(t *testing.T) {
			requests := 0
			handler := scripted.Handler(scripted.Options{})
			p := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				requests++
				handler.ServeHTTP(w, r)
			}))
			_, err := p.Converse(t.Context(), modeltest.AskImages("look", tc.images...))
			switch {
			case tc.ok && err != nil:
				t.Errorf("got error %v, want an answer", err)
			case !tc.ok:
				modeltest.CheckImageError(t, err, model.ImageTooLarge)
				if requests > 0 {
					t.Errorf("got %d requests, want none", requests)
				}
			}
		})
	}
}

// Bedrock's refusals of images have their problem. The same texts mean nothing for a request
// without images.
func TestProvider_ImageRefusals(t *testing.T) {
	for _, tc := range []struct {
		status  int
		code    string
		message string
		want    model.ImageProblem // empty: another error
	}{
		{400, "ValidationException", "This model doesn't support the image content block that you provided. Update the content block and try again.", model.ImagesRefused},
		{400, "ValidationException", "This model doesn't support the image field for user messages. Remove image and try again.", model.ImagesRefused},
		{400, "ValidationException", "The model returned the following errors: The provided image does not match the specified image format.", model.ImageUnusable},
		{400, "ValidationException", "The model returned the following errors: messages.0.content.0.image.source.base64: image exceeds 5 MB maximum: 6096280 bytes > 5242880 bytes", model.ImageTooLarge},
		{400, "ValidationException", "The image was refused for a new reason.", model.ImageUnusable},
		{413, "RequestEntityTooLargeException", "The request is too large.", model.ImageTooLarge},
		{400, "ValidationException", "Input is too long for requested model.", ""},
		{400, "ValidationException", "The provided model identifier is invalid.", ""},
		{400, "ValidationException", "A conversation must start with a user message.", ""},
		{403, "AccessDeniedException", "You don't have access to this vision model.", ""},
		{429, "ThrottlingException", "Too many images, please wait.", ""},
	} {
		t.Run(tc.message, func(t *testing.T) {
			p := serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("X-Amzn-Errortype", tc.code)
				w.WriteHeader(tc.status)
				_ = json.NewEncoder(w).Encode(map[string]string{"message": tc.message})
			}))
			_, without := p.Converse(t.Context(), modeltest.Ask("look"))
			_, whole := p.Converse(t.Context(), modeltest.AskImages("look", modeltest.PNG(t, 12, 8)))
			_, streamed := modeltest.Collect(t.Context(), p, modeltest.AskImages("look", modeltest.PNG(t, 12, 8)))
			for _, err := range []error{whole, streamed} {
				if tc.want != "" {
					modeltest.CheckImageError(t, err, tc.want)
				} else if got, want := fault.From(err).Code, fault.From(without).Code; got != want {
					t.Errorf("got error %v, want code %s", err, want)
				}
			}
			if tc.want != "" && fault.Is(without, fault.Invalid) {
				t.Errorf("without images: got error %v, want another code", without)
			}
		})
	}
}
