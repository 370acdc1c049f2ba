package openai

import (
	"context"
	"iter"

	sdk "github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"
	"github.com/openai/openai-go/v3/packages/param"
	"github.com/openai/openai-go/v3/packages/ssestream"

	"github.com/quintet-agents/quintet/shared/model"
)

// Stream implements model.Provider.
func (p *Provider) Stream(ctx context.Context, req model.Request) iter.Seq2[model.Event, error] {
	return func(yield func(model.Event, error) bool) {
		var stream *ssestream.Stream[sdk.ChatCompletionChunk]
		response, err := attempt(req, func(params sdk.ChatCompletionNewParams, capture option.RequestOption) error {
			params.StreamOptions.IncludeUsage = param.NewOpt(true)
			stream = p.completions.NewStreaming(ctx, params, capture)
			return stream.Err()
		})
		if err != nil {
			yield(nil, translate(ctx, err, response))
			return
		}
		defer stream.Close()

		var r reader
		for stream.Next() {
			for _, event := range r.read(stream.Current()) {
				if !yield(event, nil) {
					return
				}
			}
		}
		switch {
		case r.finished != nil:
			// Whatever happened to the connection after the finish reason, the
			// answer is whole; at most its usage is missing.
			yield(*r.finished, nil)
		case stream.Err() != nil:
			yield(nil, translate(ctx, stream.Err(), nil))
		default:
			// A connection that closed early looks like an end; only a finish
			// reason is one.
			yield(nil, translate(ctx, errCutOff, nil))
		}
	}
}

// reader puts the chunks of one stream together.
type reader struct {
	opened   bool
	calls    calls
	usage    *model.Usage
	finished *model.Finished // since the finish reason
}

// read returns what a chunk amounts to. One about usage has no choice, and its
// usage is null in all the others.
func (r *reader) read(chunk sdk.ChatCompletionChunk) []model.Event {
	var events []model.Event
	if !r.opened {
		r.opened = true
		events = append(events, model.Opened{})
	}
	if chunk.JSON.Usage.Valid() {
		r.usage = usage(chunk.Usage)
	}
	if len(chunk.Choices) > 0 {
		choice := chunk.Choices[0]
		if choice.Delta.Content != "" {
			events = append(events, model.TextDelta(choice.Delta.Content))
		}
		for _, c := range choice.Delta.ToolCalls {
			r.calls.add(c.Index, c.ID, c.Function.Name, c.Function.Arguments)
		}
		if choice.FinishReason != "" && r.finished == nil {
			// Nothing marks the end of a call but this.
			calls, stop := r.calls.finish(choice.FinishReason)
			for _, c := range calls {
				events = append(events, c)
			}
			r.finished = &model.Finished{Stop: stop}
		}
	}
	if r.finished != nil {
		r.finished.Usage = r.usage
	}
	return events
}
