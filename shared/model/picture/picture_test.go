package picture_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/model"
	"github.com/quintet-agents/quintet/shared/model/picture"
)

func pixels(width, height int) *image.Paletted {
	return image.NewPaletted(image.Rect(0, 0, width, height), color.Palette{color.Black, color.White})
}

func encoded(t testing.TB, format string, width, height int) []byte {
	t.Helper()
	var b bytes.Buffer
	var err error
	switch img := pixels(width, height); format {
	case "png":
		err = png.Encode(&b, img)
	case "jpeg":
		err = jpeg.Encode(&b, img, nil)
	case "gif":
		err = gif.Encode(&b, img, nil)
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// file reads a file that another encoder has made: libwebp 1.6 and libjpeg-turbo, by way of
// Pillow 13.
func file(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestRead(t *testing.T) {
	for _, tc := range []struct {
		name string
		data []byte
		want model.Image
	}{
		{"png", encoded(t, "png", 12, 8), model.Image{Type: "image/png", Width: 12, Height: 8}},
		{"jpeg", encoded(t, "jpeg", 13, 9), model.Image{Type: "image/jpeg", Width: 13, Height: 9}},
		{"gif", encoded(t, "gif", 14, 10), model.Image{Type: "image/gif", Width: 14, Height: 10}},
		{"progressive jpeg", file(t, "progressive.jpg"), model.Image{Type: "image/jpeg", Width: 124, Height: 85}},
		{"lossy webp", file(t, "lossy.webp"), model.Image{Type: "image/webp", Width: 120, Height: 83}},
		{"lossless webp", file(t, "lossless.webp"), model.Image{Type: "image/webp", Width: 121, Height: 83}},
		{"extended webp", file(t, "alpha.webp"), model.Image{Type: "image/webp", Width: 122, Height: 84}},
		{"animated webp", file(t, "animated.webp"), model.Image{Type: "image/webp", Width: 123, Height: 84}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, err := picture.Read(tc.data)
			if err != nil {
				t.Fatal(err)
			}
			tc.want.Data = tc.data
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("image (-want +got):\n%s", diff)
			}
		})
	}
}

// A size that only the header claims is read, and no pixel is decoded.
func TestRead_ClaimedSize(t *testing.T) {
	data := encoded(t, "png", 12, 8)
	binary.BigEndian.PutUint32(data[16:], 30_000)
	binary.BigEndian.PutUint32(data[20:], 20_000)
	binary.BigEndian.PutUint32(data[29:], crc32.ChecksumIEEE(data[12:29]))
	got, err := picture.Read(data)
	if err != nil || got.Width != 30_000 || got.Height != 20_000 {
		t.Errorf("got %d x %d, error %v, want 30000 x 20000", got.Width, got.Height, err)
	}
}

func TestRead_Unusable(t *testing.T) {
	png, webp := encoded(t, "png", 12, 8), file(t, "lossy.webp")
	interframe := bytes.Clone(webp)
	interframe[20] |= 1
	for name, data := range map[string][]byte{
		"nothing":               nil,
		"text":                  []byte("hello"),
		"svg":                   []byte(`<svg xmlns="http://www.w3.org/2000/svg"/>`),
		"pdf":                   []byte("%PDF-1.7\n"),
		"heic":                  []byte("\x00\x00\x00\x18ftypheic\x00\x00\x00\x00"),
		"bmp":                   []byte("BM" + strings.Repeat("\x00", 60)),
		"wav":                   []byte("RIFF\x24\x00\x00\x00WAVEfmt " + strings.Repeat("\x01", 40)),
		"a png's magic":         png[:8],
		"half a png header":     png[:20],
		"half a jpeg":           encoded(t, "jpeg", 13, 9)[:6],
		"half a gif header":     encoded(t, "gif", 14, 10)[:8],
		"half a webp header":    webp[:28],
		"a webp's second frame": interframe,
		"html before a png":     append([]byte("<html>"), png...),
	} {
		t.Run(name, func(t *testing.T) {
			got, err := picture.Read(data)
			unusable, ok := errors.AsType[*model.ImageError](err)
			if !ok || unusable.Problem != model.ImageUnusable || !fault.Is(err, fault.Invalid) || got.Type != "" {
				t.Errorf("got %+v, error %v, want an unusable image", got, err)
			}
		})
	}
}

// Read accepts what the standard library's decoders accept, with the same size, and nothing
// else but WebP.
func FuzzRead(f *testing.F) {
	for _, format := range []string{"png", "jpeg", "gif"} {
		f.Add(encoded(f, format, 12, 8))
	}
	for _, name := range []string{"lossy.webp", "lossless.webp", "alpha.webp", "animated.webp", "progressive.jpg"} {
		f.Add(file(f, name))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		got, err := picture.Read(data)
		if err != nil {
			if _, ok := errors.AsType[*model.ImageError](err); !ok || got.Data != nil {
				t.Fatalf("got %+v, error %v, want a *model.ImageError alone", got, err)
			}
		} else if limits := (model.ImageLimits{}); limits.Check([]model.Message{{Images: []model.Image{got}}}) != nil {
			t.Fatalf("got %s, %d x %d, want an image that a provider takes", got.Type, got.Width, got.Height)
		}
		config, format, other := image.DecodeConfig(bytes.NewReader(data))
		known := other == nil && config.Width > 0 && config.Height > 0
		switch {
		case got.Type == "image/webp":
			if got.Width > 1<<24 || got.Height > 1<<24 || string(data[8:12]) != "WEBP" {
				t.Fatalf("got a WebP of %d x %d from %q", got.Width, got.Height, data[:min(len(data), 30)])
			}
		case known != (err == nil):
			t.Fatalf("got error %v, want that of the standard library: %v", err, other)
		case known && ("image/"+format != got.Type || config.Width != got.Width || config.Height != got.Height):
			t.Fatalf("got %s of %d x %d, want %s of %d x %d", got.Type, got.Width, got.Height, format, config.Width, config.Height)
		}
	})
}
