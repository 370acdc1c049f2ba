package model

import "slices"

// Image is an image in a user's message. picture.Read makes one from the bytes of a file,
// so that its type and size are those of the bytes and not a sender's claim.
type Image struct {
	Data   []byte
	Type   string // image/png, image/jpeg, image/gif or image/webp
	Width  int    // px
	Height int    // px
}

// The bounds of Image.Tokens, and the edge of a patch, in px.
const (
	leastImageTokens = 256
	mostImageTokens  = 5000
	imagePatch       = 28
)

// MaxImageTokens is the largest number of tokens that counts as plausible for one image.
// The highest known count is that of OpenAI's gpt-4o-mini: 2,833 tokens and 5,667 for each
// of at most 8 tiles.
const MaxImageTokens = 50_000

// Tokens estimates the image's input tokens: one for each patch of 28 x 28 px, as Claude
// counts them (https://platform.claude.com/docs/en/build-with-claude/vision). The estimate
// is at most 5,000, because models scale larger images down (Claude to about 4,800 tokens,
// OpenAI's to at most 1,536 patches, some times 2.46), and at least 256, because OpenAI's
// GPT-4o counts 85 tokens and 170 for each tile
// (https://platform.openai.com/docs/guides/images-vision).
func (i Image) Tokens() int {
	patches := func(px int) int64 { return (int64(px) + imagePatch - 1) / imagePatch }
	return int(min(max(patches(i.Width)*patches(i.Height), leastImageTokens), mostImageTokens))
}

// ImageLimits are a provider's limits for the images of one request. 0 means no limit.
type ImageLimits struct {
	Count int
	Bytes int // of one image
	Total int // bytes of all images
	Side  int // px, of width and height
}

// imageTypes are the types that Bedrock and OpenAI accept.
var imageTypes = map[string]bool{"image/png": true, "image/jpeg": true, "image/gif": true, "image/webp": true}

// Check returns the error of a request whose images exceed the limits, or are none.
func (l ImageLimits) Check(messages []Message) error {
	count, total := 0, 0
	for _, m := range messages {
		for _, i := range m.Images {
			if !imageTypes[i.Type] || len(i.Data) == 0 || i.Width < 1 || i.Height < 1 {
				return notImage(i)
			}
			if over(len(i.Data), l.Bytes) || over(max(i.Width, i.Height), l.Side) {
				return tooLargeImage(i, l)
			}
			count++
			total += len(i.Data)
		}
	}
	if over(count, l.Count) || over(total, l.Total) {
		return tooManyImages(count, total, l)
	}
	return nil
}

func over(n, limit int) bool { return limit > 0 && n > limit }

// HasImages reports whether the request has images.
func (r Request) HasImages() bool {
	return slices.ContainsFunc(r.Messages, func(m Message) bool { return len(m.Images) > 0 })
}
