package flexyagents

import (
	"bufio"
	"encoding/json"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/model"
	"github.com/quintet-agents/quintet/shared/turn"
)

// A reader of lines gets the exact texts of the model and its tools, no matter how they are cut and how the
// stream ends.
func FuzzLines(f *testing.F) {
	f.Add("hello there", "weather", "sunny", uint8(3), false)
	f.Add("a\n{\"type\":\"done\"}\r\u2028\ufeff\x00", "\n", "\u0085", uint8(1), true)
	f.Add("👩‍👩‍👧 שלום e\u0301 🇩🇪", "", "\xff", uint8(2), false)
	f.Fuzz(func(t *testing.T, text, tool, result string, size uint8, fails bool) {
		text, tool, result = strings.ToValidUTF8(text, "\ufffd"), strings.ToValidUTF8(tool, "\ufffd"), strings.ToValidUTF8(result, "\ufffd")
		use := turn.ToolUse{ID: tool, Name: tool, Input: json.RawMessage("{\n}"), Result: result}
		w := httptest.NewRecorder()
		l := &lines{w: w}
		l.Start(turn.Opening{TurnID: "t", ThreadID: "thread"})
		l.ToolCall(model.ToolCall{ID: tool, Name: tool, Input: use.Input})
		l.ToolRunning(model.ToolCall{Name: tool})
		l.ToolDone(use)
		pieces := 0
		for rest := []rune(text); len(rest) > 0; pieces++ {
			n := min(int(size%8)+1, len(rest))
			l.Delta(string(rest[:n]))
			l.Beat()
			rest = rest[n:]
		}
		var failure error
		end := "done"
		if fails {
			failure, end = &fault.Error{Code: fault.Internal, Message: text}, "error"
		}
		if err := l.end(t.Context(), turn.Turn{Assistant: text}, failure); err != nil {
			t.Fatal(err)
		}

		var names, joined string
		reader := bufio.NewScanner(strings.NewReader(w.Body.String()))
		reader.Buffer(nil, 16<<20)
		for reader.Scan() {
			var line struct {
				Type, ID, Name, Content, Result string
				Message                         json.RawMessage
			}
			if err := json.Unmarshal(reader.Bytes(), &line); err != nil {
				t.Fatalf("%q: %v", reader.Text(), err)
			}
			names += line.Type + " "
			joined += line.Content
			switch line.Type {
			case "tool_result":
				if line.ID != tool || line.Name != tool || line.Result != result {
					t.Errorf("got tool line %s, want the call that was sent", reader.Text())
				}
			case "done":
				var m messageShape
				if err := json.Unmarshal(line.Message, &m); err != nil || m.Content != text {
					t.Errorf("text %q: got message %s at the end, error %v, want the text", text, line.Message, err)
				}
			}
		}
		if joined != text {
			t.Errorf("text %q: got deltas %q, want the text", text, joined)
		}
		if want := "start tool_call tool_result " + strings.Repeat("delta ", pieces) + end + " "; names != want {
			t.Errorf("got lines %q, want %q", names, want)
		}
	})
}
