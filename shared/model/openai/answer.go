package openai

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/quintet-agents/quintet/shared/model"
	"github.com/quintet-agents/quintet/shared/model/watch"
)

// completion is a non-streamed answer, or a chunk of a stream.
type completion struct {
	Choices choices `json:"choices"`
	Usage   loose   `json:"usage"`
	Error   loose   `json:"error"`
	Object  loose   `json:"object"`
	Message loose   `json:"message"`
	Detail  loose   `json:"detail"`
}

// choices is the list of choices, reduced to its first one.
type choices struct{ first *choice }

// UnmarshalJSON reads the first element of a list and ignores any other value.
func (c *choices) UnmarshalJSON(raw []byte) error {
	each(raw, func(raw json.RawMessage) bool {
		c.first = &choice{}
		_ = json.Unmarshal(raw, c.first) // fields that cannot be read stay empty
		return false
	})
	return nil
}

type choice struct {
	Delta        *said `json:"delta"`   // in a chunk
	Message      *said `json:"message"` // in a non-streamed answer
	FinishReason loose `json:"finish_reason"`
}

// said is a model's message, or a piece of one. Its reasoning is ignored, because it
// is not part of the answer.
type said struct {
	Content   loose     `json:"content"`
	Refusal   loose     `json:"refusal"`
	ToolCalls toolCalls `json:"tool_calls"`
}

// toolCalls is a bounded list of tool calls, or of pieces of them.
type toolCalls []toolCall

// UnmarshalJSON reads a list up to one element beyond the bound, so that gather
// reports the excess. It ignores any other value.
func (c *toolCalls) UnmarshalJSON(raw []byte) error {
	each(raw, func(raw json.RawMessage) bool {
		var piece toolCall
		_ = json.Unmarshal(raw, &piece) // fields that cannot be read stay empty
		*c = append(*c, piece)
		return len(*c) <= model.MaxCalls
	})
	return nil
}

type toolCall struct {
	Index    loose `json:"index"`
	ID       loose `json:"id"`
	Function struct {
		Name      loose `json:"name"`
		Arguments loose `json:"arguments"`
	} `json:"function"`
}

// failed reports whether c is an error and not an answer.
func (c *completion) failed() bool {
	switch string(c.Error) {
	case "", "{}", `""`, "false":
	default:
		return true
	}
	return c.Object.word() == "error" || c.Choices.first == nil && (len(c.Message) > 0 || len(c.Detail) > 0)
}

// decode ignores fields of an unexpected type. It returns an error only for a text
// that is not JSON.
func decode(raw []byte) (*completion, error) {
	var c completion
	err := json.Unmarshal(raw, &c)
	if _, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		err = nil
	}
	return &c, err
}

// formalEnd bounds the wait for the usage and the end of a stream after its finish
// reason. The answer is complete without them.
const formalEnd = 5 * time.Second

// read emits the events of a successful response. It detects the response's form,
// because some servers stream when no stream was requested, or do not when it was.
func read(call *watch.Call, response *http.Response, emit func(model.Event) bool) error {
	body := bufio.NewReader(response.Body)
	first, err := firstByte(body)
	switch {
	case errors.Is(err, io.EOF):
		return &problem{cause: fmt.Errorf("%w: %s sent nothing", errNoAnswer, place(response.Request))}
	case err != nil:
		return broken(response, err)
	case first == '{' || first == '[':
		return readWhole(response, body, emit)
	case first == 'd' || first == 'e' || first == 'i' || first == 'r' || first == ':':
		return readStream(call, response, body, emit)
	default:
		beginning, _ := body.Peek(min(body.Buffered(), 200)) // without waiting for more
		return notJSON(response, beginning)
	}
}

// firstByte skips blanks and a byte order mark.
func firstByte(r *bufio.Reader) (byte, error) {
	for {
		c, err := r.ReadByte()
		if err != nil {
			return 0, err
		}
		switch c {
		case ' ', '\t', '\r', '\n', 0xEF, 0xBB, 0xBF:
		default:
			return c, r.UnreadByte()
		}
	}
}

func readWhole(response *http.Response, body io.Reader, emit func(model.Event) bool) error {
	raw, err := io.ReadAll(body)
	if err != nil && (errors.Is(err, model.ErrTooLarge) || !json.Valid(raw)) {
		return broken(response, err)
	}
	// A response that was cut off after its last brace is complete.
	c, err := decode(raw)
	if err != nil {
		if syntax, ok := errors.AsType[*json.SyntaxError](err); ok && syntax.Offset >= int64(len(bytes.TrimRight(raw, " \t\r\n"))) {
			return &problem{cause: fmt.Errorf("%w: %s sent %d bytes", errCutOff, place(response.Request), len(raw))}
		}
		return notJSON(response, raw)
	}
	if c.failed() {
		return inBody(response, raw)
	}
	r := reader{emit: emit}
	switch err := r.read(c); {
	case err != nil || r.left:
		return err
	case !r.said:
		return &problem{cause: fmt.Errorf("%w: %s sent %q", errNoAnswer, place(response.Request), cut(string(raw), 200))}
	default:
		return r.finish()
	}
}

func readStream(call *watch.Call, response *http.Response, body io.Reader, emit func(model.Event) bool) error {
	r := reader{emit: emit, begun: call.Begun}
	stream := newEvents(body)
	for {
		err := stream.next()
		switch {
		case err == nil:
		case r.finished:
			// After the finish reason the answer is complete. A failure of the
			// connection can only lose its usage.
			return r.finish()
		case errors.Is(err, io.EOF) && !r.opened:
			return notJSON(response, stream.last)
		case errors.Is(err, io.EOF):
			// A connection that closed early looks like the end of the stream. Only a
			// finish reason or [DONE] is a real end.
			return &problem{cause: fmt.Errorf("%w: %s", errCutOff, place(response.Request))}
		default:
			return broken(response, err)
		}
		if len(bytes.TrimSpace(stream.data)) == 0 {
			continue
		}
		if string(bytes.TrimSpace(stream.data)) == "[DONE]" {
			if !r.said {
				return &problem{cause: fmt.Errorf("%w: %s sent a stream without any", errNoAnswer, place(response.Request))}
			}
			return r.finish()
		}
		c, err := decode(stream.data)
		switch {
		case r.finished && (err != nil || c.failed()):
			return r.finish()
		case err != nil:
			return notJSON(response, stream.data)
		case c.failed() || stream.name == "error":
			return inBody(response, stream.data)
		}
		if err := r.read(c); err != nil || r.left {
			return err
		}
		if r.finished {
			call.Within(formalEnd)
		}
	}
}

// broken returns the problem of a response that was cut off.
func broken(response *http.Response, err error) error {
	if errors.Is(err, model.ErrTooLarge) {
		return err
	}
	// err is not wrapped: the fault is the same for every kind of lost connection.
	return &problem{cause: fmt.Errorf("%w: %s: %v", errCutOff, place(response.Request), err)} //nolint:errorlint // see above
}
