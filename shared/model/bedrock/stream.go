package bedrock

import (
	"context"
	"iter"

	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime"
	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime/types"

	"github.com/quintet-agents/quintet/shared/model"
	"github.com/quintet-agents/quintet/shared/model/gather"
	"github.com/quintet-agents/quintet/shared/model/watch"
)

// Stream implements model.Provider.
func (p *Provider) Stream(ctx context.Context, req model.Request) iter.Seq2[model.Event, error] {
	return func(yield func(model.Event, error) bool) {
		in, err := prepare(req)
		if err != nil {
			yield(nil, err)
			return
		}
		call := p.limits.Stream(ctx)
		defer call.End()
		out, err := p.client.ConverseStream(call.Context(), &bedrockruntime.ConverseStreamInput{
			ModelId:         in.modelID,
			Messages:        in.messages,
			System:          in.system,
			InferenceConfig: in.inference,
			ToolConfig:      in.tools,
		}, ownProtocol, watched(call))
		if err != nil {
			yield(nil, translate(call, req, err))
			return
		}
		stream := out.GetStream()
		defer stream.Close()

		r := reader{call: call, yield: yield, calls: map[int32]*gather.Call{}}
		for event := range stream.Events() {
			if err := r.read(event); err != nil {
				yield(nil, err)
				return
			}
			if r.left {
				return
			}
		}
		switch {
		case r.finished != nil:
			// After messageStop the answer is complete. A failure of the
			// connection can only lose its usage.
			r.send(*r.finished)
		case stream.Err() != nil:
			yield(nil, translate(call, req, stream.Err()))
		default:
			// The SDK reports a lost connection, even within a frame, as the end
			// of the stream. Only messageStop is a real end.
			yield(nil, translate(call, req, errCutOff))
		}
	}
}

// reader assembles the answer from the events of one stream.
type reader struct {
	call  *watch.Call
	yield func(model.Event, error) bool
	left  bool // the consumer stopped early

	answer    gather.Answer
	calls     map[int32]*gather.Call // incomplete calls, by content block
	malformed []model.ToolCall       // sent when it is known that the output limit has not cut them
	finished  *model.Finished        // set by messageStop
}

func (r *reader) send(e model.Event) {
	if !r.left && !r.yield(e, nil) {
		r.left = true
	}
}

// text emits the text, even with an error: the error of a bound comes with the text
// within the bound.
func (r *reader) text(whole string, err error) error {
	if whole != "" {
		r.send(model.TextDelta(whole))
	}
	return err
}

func (r *reader) read(event types.ConverseStreamOutput) error {
	switch e := event.(type) {
	case *types.ConverseStreamOutputMemberMessageStart:
		r.send(model.Opened{})
	case *types.ConverseStreamOutputMemberContentBlockStart:
		// Text blocks may have no start event, so only calls are recorded.
		if s, ok := e.Value.Start.(*types.ContentBlockStartMemberToolUse); ok {
			c, err := r.answer.Call()
			if err != nil {
				return err
			}
			c.ID, c.Name = deref(s.Value.ToolUseId), deref(s.Value.Name)
			r.calls[deref(e.Value.ContentBlockIndex)] = c
		}
	case *types.ConverseStreamOutputMemberContentBlockDelta:
		r.call.Begun()
		return r.delta(e.Value)
	case *types.ConverseStreamOutputMemberContentBlockStop:
		return r.blockStop(deref(e.Value.ContentBlockIndex))
	case *types.ConverseStreamOutputMemberMessageStop:
		if err := r.text(r.answer.TextEnd()); err != nil {
			return err
		}
		r.finished = &model.Finished{Stop: stop(e.Value.StopReason)}
		if r.finished.Stop != model.StopLength {
			for _, c := range r.malformed {
				r.send(c)
			}
		}
		r.call.Within(formalEnd)
	case *types.ConverseStreamOutputMemberMetadata:
		// The metadata follows messageStop, so messageStop does not end the reading.
		if r.finished != nil {
			r.finished.Usage = usage(e.Value.Usage)
		}
	}
	return nil
}

func (r *reader) delta(e types.ContentBlockDeltaEvent) error {
	switch d := e.Delta.(type) {
	case *types.ContentBlockDeltaMemberText:
		return r.text(r.answer.Text(unsealed(d.Value)))
	case *types.ContentBlockDeltaMemberToolUse:
		if c := r.calls[deref(e.ContentBlockIndex)]; c != nil {
			return c.Arguments(unsealed(deref(d.Value.Input)))
		}
	}
	return nil
}

// blockStop completes a block: a call, or a text.
func (r *reader) blockStop(index int32) error {
	c := r.calls[index]
	if c == nil {
		return r.text(r.answer.TextEnd())
	}
	delete(r.calls, index)
	complete := c.Complete()
	if complete.Malformed {
		r.malformed = append(r.malformed, complete)
		return nil
	}
	r.send(complete)
	return nil
}
