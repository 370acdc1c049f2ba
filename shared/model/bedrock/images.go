package bedrock

import (
	"errors"
	"net/http"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime/types"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/quintet-agents/quintet/shared/model"
	"github.com/quintet-agents/quintet/shared/model/vision"
)

// imageLimits are those of Bedrock's type Message: 20 images of 3.75 MB and 8,000 px a side
// (https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Message.html). 3.75 MB
// are binary: Claude's limit is 5 MiB of base64. All images together leave 1 MiB of Bedrock's
// 25 MiB a request for texts.
var imageLimits = model.ImageLimits{Count: 20, Bytes: 15 << 18, Total: 18 << 20, Side: 8000}

// imageBlock returns an image's block. Images precede the texts of their message, as
// Anthropic recommends.
func imageBlock(i model.Image) types.ImageBlock {
	return types.ImageBlock{
		Format: types.ImageFormat(strings.TrimPrefix(i.Type, "image/")),
		Source: &types.ImageSourceMemberBytes{Value: i.Data},
	}
}

// refusedImages returns the error of a request whose images Bedrock or its model refuses, or
// nil for any other error. Bedrock uses ValidationException for every bad request, so the
// message decides.
func refusedImages(req model.Request, err error) *model.ImageError {
	if !req.HasImages() {
		return nil
	}
	if response, ok := errors.AsType[*smithyhttp.ResponseError](err); ok && response.HTTPStatusCode() == http.StatusRequestEntityTooLarge {
		return &model.ImageError{Problem: model.ImageTooLarge, Cause: err}
	}
	if code(err) != "validationexception" {
		return nil
	}
	var api smithy.APIError
	errors.As(err, &api)
	if problem, ok := vision.Refused(api.ErrorMessage()); ok {
		return &model.ImageError{Problem: problem, Cause: err}
	}
	if tooLong(err) == nil && vision.Mentioned(api.ErrorMessage()) {
		return &model.ImageError{Problem: model.ImageUnusable, Cause: err}
	}
	return nil
}
