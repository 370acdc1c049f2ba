package openai

import (
	"cmp"
	"encoding/base64"
	"net/http"

	"github.com/quintet-agents/quintet/shared/model"
	"github.com/quintet-agents/quintet/shared/model/vision"
)

// imageLimits are OpenAI's: 500 images of 20 MB each, and of 50 MB together
// (https://platform.openai.com/docs/guides/images-vision).
var imageLimits = model.ImageLimits{Count: 500, Bytes: 20_000_000, Total: 50_000_000}

// imageURL is an image as a data URL. Its detail is left to the model.
type imageURL struct {
	URL string `json:"url"`
}

// imageParts returns the parts of a message's images. They precede its texts, as with
// Bedrock.
func imageParts(images []model.Image) []part {
	parts := make([]part, len(images))
	for n, i := range images {
		parts[n] = part{Type: "image_url", ImageURL: &imageURL{URL: "data:" + i.Type + ";base64," + base64.StdEncoding.EncodeToString(i.Data)}}
	}
	return parts
}

// imageStatuses are the statuses of refused images. Some gateways answer 404 for a model
// without images, llama.cpp and Ollama answer 500. 0 is an error in a successful response.
var imageStatuses = map[int]bool{
	0: true, http.StatusBadRequest: true, http.StatusNotFound: true, http.StatusUnsupportedMediaType: true,
	http.StatusUnprocessableEntity: true, http.StatusInternalServerError: true, http.StatusNotImplemented: true,
}

// images returns the problem of the request's images that the error is about, and false for
// an error about something else.
func (p *problem) images(req model.Request) (model.ImageProblem, bool) {
	switch {
	case !req.HasImages():
		return "", false
	case p.status == http.StatusRequestEntityTooLarge:
		return model.ImageTooLarge, true
	case !imageStatuses[p.status] || modelCode.MatchString(p.code):
		return "", false
	}
	return vision.Refused(cmp.Or(p.text(), p.body))
}

// refusedImages returns the error of a request whose images the endpoint refuses, or nil for
// other problems.
func (p *problem) refusedImages(req model.Request) *model.ImageError {
	refused, ok := p.images(req)
	bad := p.status == http.StatusBadRequest || p.status == http.StatusUnprocessableEntity
	if !ok && bad && req.HasImages() && p.tooLong() == nil && !p.refused() && vision.Mentioned(p.text()) {
		refused, ok = model.ImageUnusable, true
	}
	if !ok {
		return nil
	}
	return &model.ImageError{Problem: refused, Cause: p.cause}
}
