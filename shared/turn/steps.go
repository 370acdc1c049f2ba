package turn

import (
	"encoding/binary"

	"github.com/quintet-agents/quintet/shared/model"
)

// steps records the pieces of an answer, so that a replay sends the same pieces: the
// length in bytes of each piece of text, and 0 for each tool use. The turn has the texts.
type steps []byte

func (s *steps) delta(text string) { *s = binary.AppendUvarint(*s, uint64(len(text))) }
func (s *steps) tool()             { *s = binary.AppendUvarint(*s, 0) }

// tell replays a turn to a sink.
func (s steps) tell(t Turn, sink Sink) {
	text, tools := t.Assistant, t.Tools
	for len(s) > 0 {
		length, n := binary.Uvarint(s)
		if n <= 0 {
			return
		}
		s = s[n:]
		if length == 0 {
			if len(tools) > 0 {
				tellTool(tools[0], sink)
				tools = tools[1:]
			}
			continue
		}
		piece := min(length, uint64(len(text)))
		sink.Delta(text[:piece])
		text = text[piece:]
	}
}

func tellTool(u ToolUse, sink Sink) {
	call := model.ToolCall{ID: u.ID, Name: u.Name, Input: u.Input}
	sink.ToolCall(call)
	sink.ToolRunning(call)
	sink.ToolDone(u)
}
