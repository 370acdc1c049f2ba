package agentflow

import (
	"bytes"
	"encoding/json"
	"unicode/utf8"

	"github.com/quintet-agents/quintet/shared/turn"
)

// answerShape is a complete answer. The vendor's clients read the text under either of its two
// names.
type answerShape struct {
	Content  string      `json:"content"`
	Text     string      `json:"text"`
	Tools    []toolShape `json:"tools"`
	ThreadID string      `json:"thread_id"`
}

type toolShape struct {
	Name      string          `json:"name"`
	Arguments json.RawMessage `json:"arguments"`
	Result    string          `json:"result"`
}

func answerOf(t turn.Turn) answerShape {
	a := answerShape{Content: t.Assistant, Text: t.Assistant, Tools: []toolShape{}, ThreadID: t.ThreadID}
	for _, u := range t.Tools {
		a.Tools = append(a.Tools, toolShape{Name: u.Name, Arguments: u.Input, Result: u.Result})
	}
	return a
}

// blocksOf returns the UI blocks (cards, buttons, lists) in a tool's result: the result is then
// a JSON object with `blocks`, a list of objects. The content of the blocks is up to the tool
// and its client.
func blocksOf(u turn.ToolUse) []json.RawMessage {
	var result map[string]json.RawMessage
	var blocks []json.RawMessage
	if u.Failed || !utf8.ValidString(u.Result) || json.Unmarshal([]byte(u.Result), &result) != nil ||
		json.Unmarshal(result["blocks"], &blocks) != nil {
		return nil
	}
	for _, b := range blocks {
		if !bytes.HasPrefix(b, []byte("{")) {
			return nil
		}
	}
	return blocks
}
