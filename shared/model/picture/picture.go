// Package picture reads the format and the size of images, from the first bytes of their
// data and without decoding their pixels. A sender's content type is never consulted.
package picture

import (
	"bytes"
	"errors"
	"image"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"

	"github.com/quintet-agents/quintet/shared/model"
)

var errUnknown = errors.New("the data have none of the formats PNG, JPEG, GIF and WebP")

// format is a format with the bytes at its beginning and the reader of its size.
type format struct {
	name  string
	magic string
	size  func(io.Reader) (image.Config, error)
}

var formats = []format{
	{"image/png", "\x89PNG\r\n\x1a\n", png.DecodeConfig},
	{"image/jpeg", "\xff\xd8", jpeg.DecodeConfig},
	{"image/gif", "GIF87a", gif.DecodeConfig},
	{"image/gif", "GIF89a", gif.DecodeConfig},
	{"image/webp", "RIFF", webpConfig},
}

// Read returns the image in data. The error has a *model.ImageError if data are no PNG,
// JPEG, GIF or WebP image, or have a damaged header. Read keeps data and does not copy it.
func Read(data []byte) (model.Image, error) {
	cause := errUnknown
	for _, f := range formats {
		if !bytes.HasPrefix(data, []byte(f.magic)) {
			continue
		}
		size, err := f.size(bytes.NewReader(data))
		if err == nil && size.Width > 0 && size.Height > 0 {
			return model.Image{Data: data, Type: f.name, Width: size.Width, Height: size.Height}, nil
		}
		cause = errors.Join(errors.New("the header of the "+f.name+" is damaged"), err)
	}
	unusable := &model.ImageError{Problem: model.ImageUnusable, Cause: cause}
	return model.Image{}, unusable.Fault()
}
