package scripted

import (
	"fmt"
	"strings"

	"github.com/quintet-agents/quintet/shared/model"
	"github.com/quintet-agents/quintet/shared/model/picture"
)

// wireImage is a user's image. JSON has its bytes in base64.
type wireImage struct {
	Format string `json:"format"`
	Source struct {
		Bytes []byte `json:"bytes"`
	} `json:"source"`
}

// Bedrock's limits for the images of a request.
const (
	maxImages     = 20
	maxImageBytes = 15 << 18 // 3.75 MB
	maxImageSide  = 8000     // px
)

// invalidImages checks the number, format and size of the images.
func (r *converseRequest) invalidImages() string {
	count := 0
	for i, m := range r.Messages {
		for j, b := range m.Content {
			if b.Image == nil {
				continue
			}
			if m.Role != "user" {
				return fmt.Sprintf("The image block at messages.%d.content.%d is invalid. Only the user's messages can have images.", i, j)
			}
			if message := b.Image.invalid(i, j); message != "" {
				return message
			}
			count++
		}
	}
	if count > maxImages {
		return fmt.Sprintf("too many images: %d > %d", count, maxImages)
	}
	return ""
}

// invalid returns Bedrock's error message for an invalid image, or "".
func (w *wireImage) invalid(message, block int) string {
	switch w.Format {
	case "png", "jpeg", "gif", "webp":
	default:
		return fmt.Sprintf("1 validation error detected: Value '%s' at 'messages.%d.member.content.%d.member.image.format' failed to satisfy constraint: Member must satisfy enum value set: [gif, jpeg, png, webp]", w.Format, message+1, block+1)
	}
	image, err := picture.Read(w.Source.Bytes)
	switch {
	case len(w.Source.Bytes) > maxImageBytes:
		return fmt.Sprintf("messages.%d.content.%d.image.source.bytes: image exceeds 5 MB maximum in base64", message, block)
	case err != nil:
		return "The model returned the following errors: Could not process image"
	case image.Type != "image/"+w.Format:
		return "The model returned the following errors: The provided image does not match the specified image format."
	case max(image.Width, image.Height) > maxImageSide:
		return fmt.Sprintf("The model returned the following errors: At least one of the image dimensions exceed max allowed size: %d pixels", maxImageSide)
	}
	return ""
}

// images returns the images of a valid message.
func (m wireMessage) images() []model.Image {
	var images []model.Image
	for _, b := range m.Content {
		if b.Image == nil {
			continue
		}
		if image, err := picture.Read(b.Image.Source.Bytes); err == nil {
			images = append(images, image)
		}
	}
	return images
}

// spoken reports whether a message has a text or images, and not only tool results.
func spoken(m model.Message) bool { return m.Text != "" || len(m.Images) > 0 }

// echo returns a text with the descriptions of its images.
func echo(text string, images []model.Image) string {
	for _, i := range images {
		text += " " + describe(i)
	}
	if len(images) > 0 {
		text = strings.TrimSpace(text)
	}
	return text
}

func describe(i model.Image) string {
	return fmt.Sprintf("[image %s %dx%d %d bytes]", i.Type, i.Width, i.Height, len(i.Data))
}
