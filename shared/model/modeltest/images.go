package modeltest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/model"
	"github.com/quintet-agents/quintet/shared/model/picture"
)

// PNG returns a black image.
func PNG(t testing.TB, width, height int) model.Image {
	t.Helper()
	var b bytes.Buffer
	return read(t, &b, png.Encode(&b, black(width, height)))
}

// JPEG returns a black image.
func JPEG(t testing.TB, width, height int) model.Image {
	t.Helper()
	var b bytes.Buffer
	return read(t, &b, jpeg.Encode(&b, black(width, height), nil))
}

func black(width, height int) image.Image {
	return image.NewPaletted(image.Rect(0, 0, width, height), color.Palette{color.Black})
}

func read(t testing.TB, b *bytes.Buffer, err error) model.Image {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	i, err := picture.Read(b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	return i
}

// AskImages returns a request with one user message that has images.
func AskImages(text string, images ...model.Image) model.Request {
	req := Ask(text)
	req.Messages[0].Images = images
	return req
}

// CheckImageError checks that err is Invalid, with an ImageError of the given problem.
func CheckImageError(t testing.TB, err error, want model.ImageProblem) {
	t.Helper()
	failed, ok := errors.AsType[*model.ImageError](err)
	if !ok || failed.Problem != want || failed.Cause == nil || !fault.Is(err, fault.Invalid) {
		t.Errorf("got error %v, want Invalid with the problem %q and a cause", err, want)
	}
}

func images(t *testing.T, p model.Provider) {
	small, other := PNG(t, 12, 8), JPEG(t, 20, 30)
	first := fmt.Sprintf("[image image/png 12x8 %d bytes]", len(small.Data))
	second := fmt.Sprintf("[image image/jpeg 20x30 %d bytes]", len(other.Data))
	earlier := AskImages("here", small)
	earlier.Messages = append(earlier.Messages, model.Message{Role: model.Assistant, Text: "I see."}, model.Message{Role: model.User, Text: "and?"})
	late := Ask("one")
	late.Messages = append(late.Messages, AskImages("two", other).Messages[0])
	for _, tc := range []struct {
		name string
		req  model.Request
		want string
	}{
		{"one", AskImages("look", small), "You said: look " + first},
		{"two", AskImages("look", small, other), "You said: look " + first + " " + second},
		{"without a text", AskImages("", small), "You said: " + first},
		{"of an earlier message", earlier, "You said: and?"},
		{"after a message without an answer", late, "You said: two " + second},
		{"refused images without an image", Ask("[[noimages]] look"), "You said: look"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, both(t, p, tc.req).Text); diff != "" {
				t.Errorf("text (-want +got):\n%s", diff)
			}
		})
	}
	large := small
	large.Data = append(bytes.Clone(small.Data), make([]byte, 20<<20)...)
	unread := small
	unread.Type = "image/bmp"
	for _, tc := range []struct {
		name string
		req  model.Request
		want model.ImageProblem
	}{
		{"refused", AskImages("[[noimages]]", small), model.ImagesRefused},
		{"too large", AskImages("look", large), model.ImageTooLarge},
		{"of another format", AskImages("look", small, unread), model.ImageUnusable},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := p.Converse(t.Context(), tc.req)
			CheckImageError(t, err, tc.want)
			events, err := Collect(t.Context(), p, tc.req)
			CheckImageError(t, err, tc.want)
			if len(events) > 0 {
				t.Errorf("got events %v before the error, want none", events)
			}
		})
	}
}

// ImageRequest is the request of the golden files testdata/images.json: a history, and two
// images with a text.
func ImageRequest() model.Request {
	return model.Request{
		Model: "m", MaxTokens: 7,
		Messages: []model.Message{
			{Role: model.User, Text: "hello"},
			{Role: model.Assistant, Text: "Hi!"},
			{Role: model.User, Text: "What is this?", Images: []model.Image{
				{Data: []byte("GIF89a\x0c\x00\x08\x00\x00\x00\x00"), Type: "image/gif", Width: 12, Height: 8},
				{Data: []byte("\xff\xd8\xff"), Type: "image/jpeg", Width: 1, Height: 1},
			}},
		},
	}
}

// CheckBody compares the body of ImageRequest on the wire with testdata/images.json.
func CheckBody(t testing.TB, body []byte) {
	t.Helper()
	golden, err := os.ReadFile("testdata/images.json")
	if err != nil {
		t.Fatal(err)
	}
	var got, want any
	if err := errors.Join(json.Unmarshal(body, &got), json.Unmarshal(golden, &want)); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("body (-want +got):\n%s", diff)
	}
}
