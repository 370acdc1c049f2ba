package turn

import (
	"context"
	"errors"
	"log/slog"

	"github.com/quintet-agents/quintet/shared/model"
)

// canSee returns the error of a request with images to a model that has refused images. The
// model is not asked again. Like windows, this is cached per process, so the next process
// notices that a model has learned to see.
func (e *Engine) canSee(a *admitted, req model.Request) error {
	if !req.HasImages() || !e.blind.Of(a.known()) {
		return nil
	}
	refused := &model.ImageError{Problem: model.ImagesRefused, Cause: errors.New("the model has refused images before")}
	return refused.Fault()
}

// learnSight caches that a model takes no images if err says so.
func (e *Engine) learnSight(ctx context.Context, a *admitted, req model.Request, err error) {
	refused, ok := errors.AsType[*model.ImageError](err)
	if !ok || refused.Problem != model.ImagesRefused {
		return
	}
	slog.WarnContext(ctx, "the model takes no images; requests with images are refused from now on", "model", req.Model, "error", err)
	e.blind.Learn(a.known(), true)
}

// images returns the number of images of a request.
func images(req model.Request) int {
	n := 0
	for _, m := range req.Messages {
		n += len(m.Images)
	}
	return n
}

// imageTokens estimates the input tokens of a request's images.
func imageTokens(req model.Request) int {
	n := 0
	for _, m := range req.Messages {
		for _, i := range m.Images {
			n += i.Tokens()
		}
	}
	return n
}
