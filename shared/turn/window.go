package turn

import (
	"context"
	"errors"
	"log/slog"

	"github.com/quintet-agents/quintet/shared/model"
)

// window is a model's context size, as learned from its server's refusals. The zero
// window means that no request was refused: requests have the usual history and output
// limit.
//
// If a refusal names the limit, later requests are sized to fit it, with the bytes per
// token of the refused request. Otherwise each request is half the size of the previous
// one until the server accepts it.
type window struct {
	tokens int // of prompt and answer together; 0: unknown
	per16  int // bytes of prompt for 16 tokens
	bytes  int // of prompt, where tokens are unknown; 0: any
	output int // tokens of answer, where tokens are unknown; 0: any
}

const (
	usualPer16  = 3 * 16 // cautious for most languages and tokenizers
	leastPer16  = 4
	mostPer16   = 8 * 16
	leastOutput = 16   // tokens; the limit even for a prompt that leaves less room
	firstOutput = 1024 // tokens, for a server whose refusal has no numbers
	maxFits     = 8    // requests for one answer
)

// askWithin calls the model with a request that fits its context. A request that the
// server refuses as too long is retried with less history and a smaller output limit,
// until nothing can be left out or the client has received text. The window is cached per
// model.
func (e *Engine) askWithin(ctx context.Context, a *admitted, req model.Request, r *reply, s *steady) ([]model.ToolCall, error) {
	for n := 1; ; n++ {
		w := e.windows.Of(a.known())
		fitted, said := w.fit(req), r.text.Len()
		calls, err := e.ask(ctx, a, fitted, r, s)
		tooLong, ok := errors.AsType[*model.TooLongError](err)
		if !ok || r.text.Len() > said || n == maxFits {
			return calls, err
		}
		narrower := w.refused(fitted, tooLong)
		if next := narrower.fit(req); len(next.Messages) == len(fitted.Messages) && next.MaxTokens == fitted.MaxTokens {
			return nil, err // nothing more can be left out
		}
		slog.WarnContext(ctx, "the model's context is smaller than the request; asking with less of the history",
			"model", req.Model, "context_tokens", narrower.tokens, "prompt_bytes", promptBytes(fitted), "error", err)
		e.windows.Learn(a.known(), narrower)
	}
}

// within returns the request with an output limit of at most room tokens; 0 means no
// bound.
func within(room int, req model.Request) model.Request {
	if room > 0 {
		req.MaxTokens = min(req.MaxTokens, room)
	}
	return req
}

// fit returns the request without the oldest turns that do not fit. Its output limit
// is the room that is left for the answer, 0 for any.
func (w window) fit(req model.Request) model.Request {
	switch {
	case w.tokens > 0:
		answer := min(max(w.tokens/4, leastOutput), maxOutput)
		req = trim(req, func(req model.Request) bool { return w.promptTokens(req)+answer <= w.tokens })
		req.MaxTokens = max(w.tokens-w.promptTokens(req)-w.tokens/64, leastOutput)
	case w.bytes > 0:
		req = trim(req, func(req model.Request) bool { return promptBytes(req) <= w.bytes })
		req.MaxTokens = w.output
	}
	return req
}

// promptTokens estimates the tokens of a request.
func (w window) promptTokens(req model.Request) int {
	return (promptBytes(req)*16+w.per16-1)/w.per16 + imageTokens(req)
}

// trim drops the oldest turns until the request fits or only the last user message and
// its tool rounds are left.
func trim(req model.Request, fits func(model.Request) bool) model.Request {
	for !fits(req) {
		next := nextQuestion(req.Messages)
		if next < 0 {
			break
		}
		req.Messages = req.Messages[next:]
	}
	return req
}

// nextQuestion returns the index of the user's second message, -1 if there is only
// one.
func nextQuestion(messages []model.Message) int {
	for i, m := range messages {
		if i > 0 && m.Role == model.User && (m.Text != "" || len(m.Images) > 0) {
			return i
		}
	}
	return -1
}

// refused returns the window after the server refused a request that fitted this one.
func (w window) refused(req model.Request, why *model.TooLongError) window {
	size := promptBytes(req)
	if why.Limit <= 0 && w.tokens == 0 {
		w.bytes = max(size/2, 1)
		w.output = firstOutput
		if nextQuestion(req.Messages) < 0 && req.MaxTokens > 0 {
			w.output = max(req.MaxTokens/4, leastOutput)
		}
		return w
	}
	known := w.tokens > 0
	if why.Limit > 0 {
		w.tokens, w.bytes, w.output = why.Limit, 0, 0
	}
	was := w.per16
	switch {
	case why.Prompt > imageTokens(req):
		w.per16 = min(max(size*16/(why.Prompt-imageTokens(req)), leastPer16), mostPer16)
	case !known:
		w.per16 = usualPer16
	}
	if known && w.per16 >= was { // the estimate was too low
		w.per16 = max(was*3/4, leastPer16)
	}
	return w
}
