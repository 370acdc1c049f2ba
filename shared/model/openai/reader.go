package openai

import (
	"strings"

	"github.com/quintet-agents/quintet/shared/model"
	"github.com/quintet-agents/quintet/shared/model/gather"
)

// reader assembles one answer from its chunks.
type reader struct {
	emit  func(model.Event) bool
	begun func() // called when the answer begins; may be nil

	opened   bool
	left     bool // the consumer stopped early
	said     bool // the answer has content or a finish reason
	answer   gather.Answer
	calls    calls
	usage    *model.Usage
	reason   string
	finished bool // the finish reason was read
}

func (r *reader) send(e model.Event) {
	if !r.left && !r.emit(e) {
		r.left = true
	}
}

// read reads a chunk. The chunk with the usage has no choice, and in most others the
// usage is null.
func (r *reader) read(c *completion) error {
	if !r.opened {
		r.opened = true
		r.send(model.Opened{})
	}
	if u := c.Usage.usage(); u != nil {
		r.usage = u
	}
	if c.Choices.first == nil || r.finished {
		return nil
	}
	choice := c.Choices.first
	what := choice.Delta
	if what == nil {
		what = choice.Message
	}
	if what != nil {
		if err := r.take(what, choice.Delta == nil); err != nil {
			return err
		}
	}
	if reason := choice.FinishReason.word(); reason != "" {
		r.reason, r.finished, r.said = reason, true, true
	}
	return nil
}

// take adds a message to the answer. In a non-streamed answer, each entry of its tool
// calls is a call; in a chunk, it is a piece of one.
func (r *reader) take(s *said, whole bool) error {
	for _, piece := range []string{s.Content.content(), s.Refusal.content()} {
		if err := r.text(r.answer.Text(piece)); err != nil {
			return err
		}
	}
	for _, piece := range s.ToolCalls {
		r.said = true
		if whole {
			r.calls = calls{}
		}
		if err := r.calls.add(&r.answer, piece); err != nil {
			return err
		}
	}
	if r.said && r.begun != nil {
		r.begun()
	}
	return nil
}

// text emits the text, even with an error: the error of a bound comes with the text
// within the bound.
func (r *reader) text(whole string, err error) error {
	if whole != "" {
		r.said = true
		r.send(model.TextDelta(whole))
	}
	return err
}

// finish emits the tool calls and the end of the answer. Calls wait until then, because
// nothing else marks the end of a call's arguments.
func (r *reader) finish() error {
	if err := r.text(r.answer.TextEnd()); err != nil || r.left {
		return err
	}
	calls, stop := finished(r.answer.Calls(), r.reason)
	for _, c := range calls {
		r.send(c)
	}
	r.send(model.Finished{Stop: stop, Usage: r.usage})
	return nil
}

// finished returns the calls and the stop reason.
func finished(all []*gather.Call, reason string) ([]model.ToolCall, model.Stop) {
	var calls []model.ToolCall
	for _, c := range all {
		calls = append(calls, c.Complete())
	}
	switch strings.ToLower(reason) {
	case "length", "max_tokens":
		return gather.WellFormed(calls), model.StopLength
	case "stop", "eos", "eos_token", "end_turn", "stop_sequence", "complete":
		reason = "stop"
	case "tool_calls", "tool_call", "tool_use", "function_call":
		reason = "tools"
	default:
		return calls, model.StopOther
	}
	switch {
	case len(calls) > 0: // some servers send "stop" with tool calls
		return calls, model.StopTools
	case reason == "tools":
		return nil, model.StopOther
	default:
		return nil, model.StopEnd
	}
}
