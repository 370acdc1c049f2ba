// Package vision recognises a server's error for the images of a request. Servers share no
// format for it, so the package matches the text of the error.
package vision

import (
	"regexp"
	"sync"

	"github.com/quintet-agents/quintet/shared/model"
)

// kind is a problem with the pattern of its texts. A pattern is compiled at first use, so
// that a cold start does not pay for it.
type kind struct {
	problem model.ImageProblem
	texts   func() *regexp.Regexp
}

// known are the problems whose texts cannot mean anything else. The texts are those of
// Bedrock, OpenAI and Azure, Anthropic, DeepSeek, Mistral, OpenRouter, vLLM, llama.cpp and
// Ollama.
var known = []kind{
	{model.ImageUnusable, pattern(`unsupported image|unsupported mime|invalid_image|image_parse_error|invalid image|(invalid|failed to decode) base64` +
		`|(could not|cannot|can't|unable to|failed to) (process|read|load|decode|parse|identify|open)[^.]{0,20} image|image[^.]{0,20} (corrupt|damaged)` +
		`|image[^.]{0,20} does not match the|image (format|type)[^.]{0,20} not supported`)},
	{model.ImagesRefused, pattern(`(doesn.?t|does not|do not|don.?t|cannot|not) (support|accept|allow|process|handle|have)[^.]{0,30}(image|vision|visual|multi-?modal)` +
		`|(image|vision|multi-?modal)( ?\w+)?s? (is|are) (not|un|only) ?(supported|enabled|allowed|available|accepted)|support image input` +
		`|at most 0 images?|not a (multi-?modal|vision)|missing data required for image|mmproj` +
		`|unknown variant .?image_url|expected .?text.? ?[^a-z]|input should be .{0,4}'?text'?|content must be a string|content should be a (valid )?string|image_url[^.]{0,20} (is|are) not`)},
	{model.ImageTooLarge, pattern(`image_too_large|too many images|at most \d+ images?` +
		`|image[^.]{0,60}(exceed|too (large|big|long|many)|larger than|bigger than|maximum|below)`)},
}

// Refused returns the problem in the text of such an error, and false for a text that may
// mean something else.
func Refused(text string) (model.ImageProblem, bool) {
	for _, k := range known {
		if k.texts().MatchString(text) {
			return k.problem, true
		}
	}
	return "", false
}

var mention = pattern(`image|vision|multi-?modal|picture`)

// Mentioned reports whether the text of an error is about images at all. Then they are the
// likely reason, although the problem is not known.
func Mentioned(text string) bool { return mention().MatchString(text) }

func pattern(text string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`(?i)` + text) })
}
