package vision_test

import (
	"testing"

	"github.com/quintet-agents/quintet/shared/model"
	"github.com/quintet-agents/quintet/shared/model/vision"
)

func TestRefused(t *testing.T) {
	for text, want := range map[string]model.ImageProblem{
		// Bedrock
		"This model doesn't support the image content block that you provided. Update the content block and try again.": model.ImagesRefused,
		"This model doesn’t support the image field for user messages. Remove image and try again.":                     model.ImagesRefused,
		"The model returned the following errors: The provided image does not match the specified image format.":        model.ImageUnusable,
		"messages.0.content.1.image.source.base64: image exceeds 5 MB maximum: 6096280 bytes > 5242880 bytes":           model.ImageTooLarge,
		"At least one of the image dimensions exceed max allowed size: 8000 pixels":                                     model.ImageTooLarge,
		"Could not process image": model.ImageUnusable,
		// OpenAI, Azure and servers like them
		"Invalid content type. image_url is only supported by certain models.":                                                                                  model.ImagesRefused,
		"You uploaded an unsupported image. Please make sure your image has of one the following formats: ['png', 'jpeg', 'gif', 'webp']. invalid_image_format": model.ImageUnusable,
		"You uploaded an unsupported image. Please make sure your image is below 20 MB in size":                                                                 model.ImageUnusable,
		"Invalid image_url: unsupported MIME type 'image/heic'":                                                                                                 model.ImageUnusable,
		"Failed to deserialize the JSON body into the target type: messages[1]: unknown variant `image_url`, expected `text` at line 1":                         model.ImagesRefused,
		"No endpoints found that support image input":                                                                                                           model.ImagesRefused,
		"At most 0 image(s) may be provided in one prompt.":                                                                                                     model.ImagesRefused,
		"At most 1 image(s) may be provided in one prompt.":                                                                                                     model.ImageTooLarge,
		"GLM-5.2 is not a multimodal model":                                                                                                                     model.ImagesRefused,
		"image input is not supported - hint: if this is unexpected, you may need to provide the mmproj":                                                        model.ImagesRefused,
		"this model is missing data required for image input":                                                                                                   model.ImagesRefused,
		"This model does not support image input.":                                                                                                              model.ImagesRefused,
		"vision is not supported by this model":                                                                                                                 model.ImagesRefused,
		"Multimodal input is not supported":                                                                                                                     model.ImagesRefused,
		"messages[0].content must be a string":                                                                                                                  model.ImagesRefused,
		"cannot identify image file <_io.BytesIO object at 0x7f>":                                                                                               model.ImageUnusable,
		"Failed to load image: illegal data":                                                                                                                    model.ImageUnusable,
		"too many images: 21 > 20":                                                                                                                              model.ImageTooLarge,
		// errors about something else
		"The provided model identifier is invalid.":                                                       "",
		"A conversation must alternate between user and assistant roles.":                                 "",
		"Unsupported parameter: 'max_tokens' is not supported with this model.":                           "",
		"Input is too long for requested model.":                                                          "",
		"The response was filtered due to the prompt triggering the content management policy.":           "",
		"Unsupported value: 'temperature' does not support 0.7 with this model.":                          "",
		"System role not supported":                                                                       "",
		"'messages' is too short":                                                                         "",
		"Invalid type for 'tools[0].function.description': expected a string, but got an object instead.": "",
		"": "",
	} {
		got, ok := vision.Refused(text)
		if got != want || ok != (want != "") {
			t.Errorf("%q: got %q, %v, want %q", text, got, ok, want)
		}
	}
}

func TestMentioned(t *testing.T) {
	for text, want := range map[string]bool{
		"The image was rejected": true, "Vision request failed": true,
		"The provided model identifier is invalid.": false, "": false,
	} {
		if got := vision.Mentioned(text); got != want {
			t.Errorf("%q: got %v, want %v", text, got, want)
		}
	}
}
