package bedrock

import (
	"context"
	"iter"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime"
	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime/types"

	"github.com/quintet-agents/quintet/shared/model"
)

// Stream implements model.Provider.
func (p *Provider) Stream(ctx context.Context, req model.Request) iter.Seq2[model.Event, error] {
	return func(yield func(model.Event, error) bool) {
		in, err := prepare(req)
		if err != nil {
			yield(nil, err)
			return
		}
		out, err := p.client.ConverseStream(ctx, &bedrockruntime.ConverseStreamInput{
			ModelId:         in.modelID,
			Messages:        in.messages,
			System:          in.system,
			InferenceConfig: in.inference,
			ToolConfig:      in.tools,
		}, ownProtocol)
		if err != nil {
			yield(nil, translate(ctx, err))
			return
		}
		stream := out.GetStream()
		defer stream.Close()

		r := reader{calls: map[int32]*call{}}
		for event := range stream.Events() {
			if e := r.read(event); e != nil && !yield(e, nil) {
				return
			}
		}
		switch {
		case r.finished != nil:
			// Whatever happened to the connection after messageStop, the answer
			// is whole; at most its usage is missing.
			yield(*r.finished, nil)
		case stream.Err() != nil:
			yield(nil, translate(ctx, stream.Err()))
		default:
			// The SDK takes a connection that broke off, even within a frame,
			// for the end of the stream; only a messageStop is one.
			yield(nil, translate(ctx, errCutOff))
		}
	}
}

// call is a tool call whose input is still coming.
type call struct {
	id, name string
	input    strings.Builder
}

// reader puts the events of one stream together.
type reader struct {
	calls     map[int32]*call // by content block
	malformed bool            // a call's input was no JSON object
	finished  *model.Finished // since messageStop
}

// read returns what an event amounts to, nil if nothing yet.
func (r *reader) read(event types.ConverseStreamOutput) model.Event {
	switch e := event.(type) {
	case *types.ConverseStreamOutputMemberMessageStart:
		return model.Opened{}
	case *types.ConverseStreamOutputMemberContentBlockStart:
		// Text blocks may come without a start, so only calls are noted.
		if s, ok := e.Value.Start.(*types.ContentBlockStartMemberToolUse); ok {
			r.calls[deref(e.Value.ContentBlockIndex)] = &call{id: deref(s.Value.ToolUseId), name: deref(s.Value.Name)}
		}
	case *types.ConverseStreamOutputMemberContentBlockDelta:
		switch d := e.Value.Delta.(type) {
		case *types.ContentBlockDeltaMemberText:
			if d.Value != "" {
				return model.TextDelta(d.Value)
			}
		case *types.ContentBlockDeltaMemberToolUse:
			if c := r.calls[deref(e.Value.ContentBlockIndex)]; c != nil {
				c.input.WriteString(deref(d.Value.Input))
			}
		}
	case *types.ConverseStreamOutputMemberContentBlockStop:
		return r.blockStop(deref(e.Value.ContentBlockIndex))
	case *types.ConverseStreamOutputMemberMessageStop:
		r.finished = &model.Finished{Stop: stop(e.Value.StopReason, r.malformed)}
	case *types.ConverseStreamOutputMemberMetadata:
		// It follows messageStop, which is why that one does not end the reading.
		if r.finished != nil {
			r.finished.Usage = usage(e.Value.Usage)
		}
	}
	return nil
}

// blockStop completes a call. One whose input is no object, which is what the
// output limit leaves of it, must not reach a tool.
func (r *reader) blockStop(index int32) model.Event {
	c := r.calls[index]
	if c == nil {
		return nil
	}
	delete(r.calls, index)
	input, ok := object([]byte(c.input.String()))
	if !ok {
		r.malformed = true
		return nil
	}
	return model.ToolCall{ID: c.id, Name: c.name, Input: input}
}
