package model

import (
	"fmt"

	"github.com/quintet-agents/quintet/shared/fault"
)

// ImageProblem is the reason why a request's images cannot be used.
type ImageProblem string

// The problems.
const (
	ImageTooLarge ImageProblem = "too_large" // one image, their number or all together
	ImageUnusable ImageProblem = "unusable"  // no image, of another format, or damaged
	ImagesRefused ImageProblem = "refused"   // the model takes no images at all
)

// ImageError is the cause of a Provider's Invalid error for the images of a request. The
// request may succeed without them.
type ImageError struct {
	Problem ImageProblem
	Cause   error // for the log
}

// Error returns the problem and its cause.
func (e *ImageError) Error() string { return fmt.Sprintf("images %s: %v", e.Problem, e.Cause) }

// Unwrap returns the cause.
func (e *ImageError) Unwrap() error { return e.Cause }

// Fault returns the Invalid error that callers may see.
func (e *ImageError) Fault() error {
	message := map[ImageProblem]string{
		ImageTooLarge: "The images are larger than the model accepts",
		ImageUnusable: "The file is not an image that the model can read",
		ImagesRefused: "The model does not accept images",
	}[e.Problem]
	return &fault.Error{Code: fault.Invalid, Message: message, Err: e}
}

func notImage(i Image) error {
	e := &ImageError{ImageUnusable, fmt.Errorf("%d bytes of type %q, %d x %d px", len(i.Data), i.Type, i.Width, i.Height)}
	return e.Fault()
}

func tooLargeImage(i Image, l ImageLimits) error {
	e := &ImageError{ImageTooLarge, fmt.Errorf("%d bytes, %d x %d px; the limits are %d bytes and %d px a side (0: none)", len(i.Data), i.Width, i.Height, l.Bytes, l.Side)}
	return e.Fault()
}

func tooManyImages(count, total int, l ImageLimits) error {
	e := &ImageError{ImageTooLarge, fmt.Errorf("%d images of %d bytes together; the limits are %d images and %d bytes (0: none)", count, total, l.Count, l.Total)}
	return e.Fault()
}
