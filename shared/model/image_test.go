package model_test

import (
	"errors"
	"testing"

	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/model"
)

func TestImage_Tokens(t *testing.T) {
	for _, tc := range []struct{ width, height, want int }{
		{1, 1, 256},
		{12, 8, 256},
		{1000, 1000, 36 * 36},
		{1092, 1092, 39 * 39},
		{1920, 1080, 69 * 39},
		{8000, 8000, 5000},
		{1 << 31, 1 << 31, 5000},
	} {
		if got := (model.Image{Width: tc.width, Height: tc.height}).Tokens(); got != tc.want {
			t.Errorf("%d x %d px: got %d tokens, want %d", tc.width, tc.height, got, tc.want)
		}
	}
}

func TestImageLimits_Check(t *testing.T) {
	image := func(bytes, side int) model.Image {
		return model.Image{Data: make([]byte, bytes), Type: "image/png", Width: side, Height: 1}
	}
	typed := func(kind string) model.Image {
		i := image(1, 1)
		i.Type = kind
		return i
	}
	limits := model.ImageLimits{Count: 2, Bytes: 100, Total: 150, Side: 50}
	for name, tc := range map[string]struct {
		limits model.ImageLimits
		images []model.Image
		want   model.ImageProblem
	}{
		"no images":          {limits, nil, ""},
		"at every limit":     {limits, []model.Image{image(100, 50), image(50, 1)}, ""},
		"no limits":          {model.ImageLimits{}, []model.Image{image(1000, 1000)}, ""},
		"bytes":              {limits, []model.Image{image(101, 1)}, model.ImageTooLarge},
		"width":              {limits, []model.Image{image(1, 51)}, model.ImageTooLarge},
		"height":             {limits, []model.Image{{Data: []byte("x"), Type: "image/png", Width: 1, Height: 51}}, model.ImageTooLarge},
		"number":             {limits, []model.Image{image(1, 1), image(1, 1), image(1, 1)}, model.ImageTooLarge},
		"bytes together":     {limits, []model.Image{image(100, 1), image(51, 1)}, model.ImageTooLarge},
		"no data":            {limits, []model.Image{image(0, 1)}, model.ImageUnusable},
		"no size":            {limits, []model.Image{image(1, 0)}, model.ImageUnusable},
		"an unknown type":    {limits, []model.Image{typed("image/bmp")}, model.ImageUnusable},
		"an alias":           {limits, []model.Image{typed("image/jpg")}, model.ImageUnusable},
		"in capital letters": {limits, []model.Image{typed("image/PNG")}, model.ImageUnusable},
	} {
		t.Run(name, func(t *testing.T) {
			// The second message has the images that are beyond the first.
			messages := []model.Message{{Images: tc.images[:min(1, len(tc.images))]}, {Images: tc.images[min(1, len(tc.images)):]}}
			err := tc.limits.Check(messages)
			failed, ok := errors.AsType[*model.ImageError](err)
			if ok != (tc.want != "") || ok && (failed.Problem != tc.want || !fault.Is(err, fault.Invalid)) {
				t.Errorf("got error %v, want problem %q", err, tc.want)
			}
		})
	}
}
