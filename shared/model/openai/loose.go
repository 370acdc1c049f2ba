package openai

import (
	"bytes"
	"encoding/json"
	"math"
	"strconv"
	"strings"

	"github.com/quintet-agents/quintet/shared/model"
	"github.com/quintet-agents/quintet/shared/model/gather"
)

// loose is a field that accepts any JSON value. Servers that are not quite compatible
// send some fields with another type: a number as a string, a text as a list of parts.
type loose []byte

// UnmarshalJSON keeps a copy of the value. null counts as an absent field.
func (l *loose) UnmarshalJSON(raw []byte) error {
	*l = nil
	if !bytes.Equal(raw, []byte("null")) {
		*l = bytes.Clone(raw)
	}
	return nil
}

// text returns a string's text, which may end inside a character (see package gather).
// It reports false for any other value.
func (l loose) text() (string, bool) { return gather.Unquote(l) }

// word returns a string's text, or the JSON of any other value.
func (l loose) word() string {
	if text, ok := l.text(); ok {
		return strings.ToValidUTF8(text, "\uFFFD")
	}
	return string(l)
}

// content returns the text of a message: a string, or the text parts of a list. It
// leaves out reasoning.
func (l loose) content() string {
	if text, ok := l.text(); ok {
		return text
	}
	if len(l) == 0 || l[0] != '[' && l[0] != '{' {
		return ""
	}
	if l[0] == '{' {
		return l.part()
	}
	var text strings.Builder
	each(l, func(raw json.RawMessage) bool {
		text.WriteString(loose(raw).part())
		return true
	})
	return text.String()
}

// each calls yield with the elements of a JSON list, until yield returns false. Any
// other value has no elements.
func each(list []byte, yield func(json.RawMessage) bool) {
	elements := json.NewDecoder(bytes.NewReader(list))
	if begin, err := elements.Token(); err != nil || begin != json.Delim('[') {
		return
	}
	for elements.More() {
		var raw json.RawMessage
		if elements.Decode(&raw) != nil || !yield(raw) {
			return
		}
	}
}

// part returns the text of one part.
func (l loose) part() string {
	if text, ok := l.text(); ok {
		return text
	}
	var p struct {
		Type loose `json:"type"`
		Text loose `json:"text"`
	}
	_ = json.Unmarshal(l, &p)
	switch p.Type.word() {
	case "", "text", "output_text":
		text, _ := p.Text.text()
		return text
	}
	return ""
}

// count returns a number of tokens. It reports false for a negative or fractional
// number, one beyond model.MaxTokenCount, and any other value.
func (l loose) count() (int, bool) {
	n, err := strconv.ParseFloat(strings.TrimSpace(l.word()), 64)
	if err != nil || n < 0 || n > model.MaxTokenCount || n != math.Trunc(n) {
		return 0, false
	}
	return int(n), true
}

// usage returns the reported usage, or nil unless it has valid input and output counts.
func (l loose) usage() *model.Usage {
	var u struct {
		Prompt     loose `json:"prompt_tokens"`
		Completion loose `json:"completion_tokens"`
		Total      loose `json:"total_tokens"`
		Details    struct {
			Reasoning loose `json:"reasoning_tokens"`
		} `json:"completion_tokens_details"`
	}
	_ = json.Unmarshal(l, &u)
	input, ok := u.Prompt.count()
	output, too := u.Completion.count()
	if !ok || !too {
		return nil
	}
	reasoning, _ := u.Details.Reasoning.count()
	if total, ok := u.Total.count(); ok && reasoning > 0 && total == input+output+reasoning && total <= model.MaxTokenCount {
		output += reasoning // some servers do not include it in the output
	}
	return &model.Usage{Input: input, Output: output, Reasoning: min(reasoning, output)}
}
