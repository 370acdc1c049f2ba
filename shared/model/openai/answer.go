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

// completion is an answer in one piece, or a chunk of a stream.
type completion struct {
	Choices choices `json:"choices"`
	Usage   loose   `json:"usage"`
	Error   loose   `json:"error"`
	Object  loose   `json:"object"`
	Message loose   `json:"message"`
	Detail  loose   `json:"detail"`
}

// choices is the list of choices; the first one counts.
type choices struct{ first *choice }

// UnmarshalJSON reads the first element of a list, and nothing of any other value.
func (c *choices) UnmarshalJSON(raw []byte) error {
	each(raw, func(raw json.RawMessage) bool {
		c.first = &choice{}
		_ = json.Unmarshal(raw, c.first) // as far as it can be read
		return false
	})
	return nil
}

type choice struct {
	Delta        *said `json:"delta"`   // of a chunk
	Message      *said `json:"message"` // of a whole answer
	FinishReason loose `json:"finish_reason"`
}

// said is a model's message, or a piece of one. Its reasoning is no answer and is not
// read.
type said struct {
	Content   loose     `json:"content"`
	Refusal   loose     `json:"refusal"`
	ToolCalls toolCalls `json:"tool_calls"`
}

// toolCalls is a list of pieces of tool calls, of bounded length.
type toolCalls []toolCall

// UnmarshalJSON reads one element more than there may be, so that the bound is
// noticed, and nothing of any other value than a list.
func (c *toolCalls) UnmarshalJSON(raw []byte) error {
	each(raw, func(raw json.RawMessage) bool {
		var piece toolCall
		_ = json.Unmarshal(raw, &piece) // as far as it can be read
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

// failed reports whether it is an error in place of an answer.
func (c *completion) failed() bool {
	switch string(c.Error) {
	case "", "{}", `""`, "false":
	default:
		return true
	}
	return c.Object.word() == "error" || c.Choices.first == nil && (len(c.Message) > 0 || len(c.Detail) > 0)
}

// decode reads leniently: a field of an unexpected type is ignored. The error is that
// of a text that is no JSON.
func decode(raw []byte) (*completion, error) {
	var c completion
	err := json.Unmarshal(raw, &c)
	if _, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		err = nil
	}
	return &c, err
}

// formalEnd is how long a stream may take for what follows its finish reason: the
// usage, and the end itself. The answer is whole without them.
const formalEnd = 5 * time.Second

// read emits the events of a successful response, whichever form it has: some servers
// answer in one piece although a stream was requested, or the other way round.
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
		beginning, _ := body.Peek(min(body.Buffered(), 200)) // as much as has come
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
	// What breaks off after its last brace is whole.
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
			// Whatever happened to the connection after the finish reason, the
			// answer is whole; at most its usage is missing.
			return r.finish()
		case errors.Is(err, io.EOF) && !r.opened:
			return notJSON(response, stream.last)
		case errors.Is(err, io.EOF):
			// A connection that closed early looks like an end; only a finish
			// reason, or the word for it, is one.
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

// broken is the problem of a response that broke off.
func broken(response *http.Response, err error) error {
	if errors.Is(err, model.ErrTooLarge) {
		return err
	}
	// Whatever ends a connection in the middle, the failure is the same.
	return &problem{cause: fmt.Errorf("%w: %s: %v", errCutOff, place(response.Request), err)} //nolint:errorlint // see above
}
