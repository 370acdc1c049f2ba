package turn

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/quintet-agents/quintet/shared/model"
)

// server has a context limit in tokens, each of a fixed number of prompt bytes.
type server struct {
	tokens, bytes int
	limit, prompt bool // whether refusals contain the figure
	asked         int
}

func (s *server) ask(req model.Request) *model.TooLongError {
	s.asked++
	prompt := (promptBytes(req) + s.bytes - 1) / s.bytes
	output := req.MaxTokens
	if output == 0 {
		output = maxOutput
	}
	if prompt+output <= s.tokens {
		return nil
	}
	refusal := &model.TooLongError{}
	if s.limit {
		refusal.Limit = s.tokens
	}
	if s.prompt {
		refusal.Prompt = prompt
	}
	return refusal
}

// A conversation of any length is answered within a few requests, and later turns with
// one, whatever figures the server's refusals contain.
func TestWindow_Converges(t *testing.T) {
	for _, tokens := range []int{1024, 4096, 8192, 32768} {
		for _, bytes := range []int{1, 2, 4, 6} {
			for _, figures := range []server{{limit: true, prompt: true}, {limit: true}, {prompt: true}, {}} {
				t.Run(fmt.Sprintf("%d tokens of %d bytes, limit %v, prompt %v", tokens, bytes, figures.limit, figures.prompt), func(t *testing.T) {
					s := &server{tokens: tokens, bytes: bytes, limit: figures.limit, prompt: figures.prompt}
					var w window
					for turn := range 40 {
						s.asked = 0
						req := model.Request{System: strings.Repeat("s", 100)}
						for range turn {
							req.Messages = append(req.Messages, model.Message{Role: model.User, Text: strings.Repeat("q", 300)}, model.Message{Role: model.Assistant, Text: strings.Repeat("a", 3000)})
						}
						req.Messages = append(req.Messages, model.Message{Role: model.User, Text: strings.Repeat("l", 300)})
						fitted := w.fit(req)
						for refusal := s.ask(fitted); refusal != nil; refusal = s.ask(fitted) {
							w = w.refused(fitted, refusal)
							next := w.fit(req)
							if s.asked == maxFits || len(next.Messages) == len(fitted.Messages) && next.MaxTokens == fitted.MaxTokens {
								t.Fatalf("turn %d: got %d refusals by %+v, want it to fit", turn, s.asked, w)
							}
							fitted = next
						}
						if fitted.Messages[0].Role != model.User || fitted.Messages[len(fitted.Messages)-1].Text[0] != 'l' {
							t.Fatalf("turn %d: got %d messages, the first of role %s; want the user's first and last", turn, len(fitted.Messages), fitted.Messages[0].Role)
						}
					}
					if s.asked > 2 {
						t.Errorf("got %d requests for the last turn, want at most 2", s.asked)
					}
				})
			}
		}
	}
}

func TestWindow_UnknownIsUnlimited(t *testing.T) {
	req := model.Request{Messages: []model.Message{{Role: model.User, Text: strings.Repeat("q", 1<<20)}}}
	if diff := cmp.Diff(req, window{}.fit(req)); diff != "" {
		t.Errorf("the request is changed (-want +got):\n%s", diff)
	}
}

// A message that cannot fit is refused after a few requests.
func TestWindow_MessageTooLong(t *testing.T) {
	for _, figures := range []server{{limit: true, prompt: true}, {limit: true}, {}} {
		s := &server{tokens: 1000, bytes: 4, limit: figures.limit, prompt: figures.prompt}
		req := model.Request{Messages: []model.Message{{Role: model.User, Text: strings.Repeat("q", 100_000)}}}
		var w window
		fitted := w.fit(req)
		for {
			refusal := s.ask(fitted)
			if refusal == nil {
				t.Fatal("got no refusal, want one")
			}
			w = w.refused(fitted, refusal)
			next := w.fit(req)
			if next.MaxTokens == fitted.MaxTokens || s.asked == maxFits {
				break
			}
			fitted = next
		}
		if s.asked > 6 {
			t.Errorf("got %d requests, want at most 6", s.asked)
		}
	}
}

// The tokens of images do not count as text when a window is learned.
func TestWindow_Images(t *testing.T) {
	text := model.Request{Messages: []model.Message{{Role: model.User, Text: strings.Repeat("q", 4000)}}}
	seen := model.Request{Messages: []model.Message{{Role: model.User, Text: text.Messages[0].Text, Images: []model.Image{{Width: 1000, Height: 1000}}}}}
	image := imageTokens(seen)
	want := window{}.refused(text, &model.TooLongError{Limit: 4096, Prompt: 1000})
	if got := (window{}).refused(seen, &model.TooLongError{Limit: 4096, Prompt: 1000 + image}); got != want {
		t.Errorf("got window %+v, want that of the text: %+v", got, want)
	}
	if got := want.promptTokens(seen); got != 1000+image {
		t.Errorf("got %d tokens, want 1000 and %d for the image", got, image)
	}
	if got := (window{}).refused(seen, &model.TooLongError{Limit: 4096, Prompt: 10}); got.per16 != usualPer16 {
		t.Errorf("got %+v for fewer tokens than the image has, want the usual bytes per token", got)
	}
}
