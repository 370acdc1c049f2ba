package laws_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/model"
)

// script is the output of the model in a turn. Each round but the last ends with tool calls.
type script struct {
	rounds []round
	fails  fault.Code // the failure of the last round; empty: none
	mute   bool       // it fails before the provider accepts its request
}

type round struct {
	pieces []string
	calls  []call
	usage  model.Usage
}

// call is a tool call and the tool's result.
type call struct {
	model.ToolCall

	result string
	failed bool
}

// clusters are texts that break in code that counts bytes, UTF-16 units or characters, or
// that splits lines: each consists of more than it shows.
var clusters = []string{
	"a", "word ", " ", "\t", "<&>\"\\/", `\n\u0041`, "\u0000", "\u001b[31m",
	"\n", "\r", "\r\n", "\n\n", "\n\nevent: done\ndata: {}\n\n", ": keep-alive\n\n", `{"type":"done"}` + "\n", "\v\f\x1c\x1d\x1e",
	"\u0085", "\u2028", "\u2029", "\ufeff", "\ufffd", "\ufffe\uffff", "\U0010ffff", "\u00ad", "\u200b",
	"👩‍👩‍👧‍👦", "👍🏽", "🇩🇪🇫🇷", "🏴󠁧󠁢󠁷󠁬󠁳󠁿", "❤️‍🔥", "1️⃣", "e\u0301", "Z\u0351\u036b\u0343\u036a\u0302", "ﷺ",
	"שָׁלוֹם ", "\u202eمرحبا\u202c", "\u2067עולם\u2069", "a\u200fb\u200e", "한국어", "\u1112\u1161\u11ab", "नमस्ते", "กำ", "𝒳𐍈",
}

// anyText draws a text of clusters and of any other Unicode characters.
func anyText() *rapid.Generator[string] {
	piece := rapid.OneOf(rapid.SampledFrom(clusters), rapid.SampledFrom(clusters), rapid.StringOfN(rapid.Rune(), 1, 3, -1))
	return rapid.Custom(func(t *rapid.T) string { return strings.Join(rapid.SliceOfN(piece, 0, 12).Draw(t, "clusters"), "") })
}

// cuts splits a text between any two code points, even within a character as readers see
// it.
func cuts() *rapid.Generator[[]string] {
	return rapid.Custom(func(t *rapid.T) []string {
		text := anyText().Draw(t, "text")
		var pieces []string
		begin := 0
		for i := range text {
			if i > begin && rapid.IntRange(0, 2).Draw(t, "cut") == 0 {
				pieces, begin = append(pieces, text[begin:i]), i
			}
		}
		if begin < len(text) {
			pieces = append(pieces, text[begin:])
		}
		return pieces
	})
}

var failures = []fault.Code{fault.ModelUnavailable, fault.ModelRefused, fault.Internal}

func anyScript() *rapid.Generator[script] {
	return rapid.Custom(func(t *rapid.T) script {
		var s script
		for range rapid.SampledFrom([]int{0, 0, 0, 1, 2}).Draw(t, "rounds with tools") {
			s.rounds = append(s.rounds, round{pieces: cuts().Draw(t, "pieces"), calls: rapid.SliceOfN(anyCall(), 1, 2).Draw(t, "calls")})
		}
		s.rounds = append(s.rounds, round{pieces: cuts().Draw(t, "pieces")})
		for i := range s.rounds {
			s.rounds[i].usage = s.rounds[i].anyUsage().Draw(t, "usage")
		}
		id := 0
		for _, r := range s.rounds {
			for i := range r.calls {
				id++
				r.calls[i].ID = fmt.Sprintf("tooluse_%d", id)
				r.calls[i].Input = numbered(r.calls[i].Input, id)
			}
		}
		if rapid.IntRange(0, 5).Draw(t, "fails") == 0 {
			s.fails, s.mute = rapid.SampledFrom(failures).Draw(t, "how"), rapid.Bool().Draw(t, "mute")
		}
		return s
	})
}

// numbered returns a call's input with a number, because a turn gives an identical call the
// result of the first one.
func numbered(input json.RawMessage, n int) json.RawMessage {
	return append(bytes.TrimSuffix(bytes.TrimSpace(input), []byte("}")), fmt.Sprintf(`,"n":%d}`, n)...)
}

// anyUsage draws a possible usage of a round: some input, and at most as much output as the
// round has bytes, but some if it has any.
func (r round) anyUsage() *rapid.Generator[model.Usage] {
	said := len(strings.Join(r.pieces, ""))
	for _, c := range r.calls {
		said += len(c.Name) + len(c.Input)
	}
	return rapid.Custom(func(t *rapid.T) model.Usage {
		return model.Usage{Input: rapid.IntRange(1, 100).Draw(t, "input"), Output: rapid.IntRange(min(1, said), said).Draw(t, "output")}
	})
}

func anyCall() *rapid.Generator[call] {
	return rapid.Custom(func(t *rapid.T) call {
		c := call{ToolCall: model.ToolCall{Name: rapid.SampledFrom([]string{"look_up", "draw", "a b\u0085\u2028\""}).Draw(t, "tool")}}
		c.Input = object("q", anyText().Draw(t, "question"))
		switch said := anyText().Draw(t, "result"); rapid.IntRange(0, 3).Draw(t, "kind") {
		case 0:
			c.result, c.failed = said, true
		case 1:
			c.result = blocksPrefix + string(object("text", said)) + `]}`
		default:
			c.result = said
		}
		return c
	})
}

// blocksPrefix begins a tool's result that has blocks to display.
const blocksPrefix = `{"blocks":[`

// object returns a JSON object with as few escapes as JSON allows.
func object(name, text string) json.RawMessage {
	var b strings.Builder
	b.WriteString("{\n \"" + name + `": "`)
	for _, r := range text {
		switch {
		case r == '"' || r == '\\':
			b.WriteString(`\` + string(r))
		case r < ' ':
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
	}
	return json.RawMessage(b.String() + `"}`)
}

// said returns the text of the first rounds.
func (s script) said(rounds int) string {
	var b strings.Builder
	for _, r := range s.rounds[:rounds] {
		b.WriteString(strings.Join(r.pieces, ""))
	}
	return b.String()
}

// kept returns the text and tools that a turn stores: those before its failure. An
// unstreamed answer that fails has no text.
func (s script) kept(whole bool) (text string, ok bool) {
	if s.fails == "" {
		return s.said(len(s.rounds)), true
	}
	if whole || s.mute {
		text = s.said(len(s.rounds) - 1)
	} else {
		text = s.said(len(s.rounds))
	}
	return text, text != "" || len(s.rounds) > 1
}

// begins reports whether a stream of the script has a first byte before it can fail.
func (s script) begins() bool { return s.fails == "" || !s.mute || len(s.rounds) > 1 }

// usage returns the usage of a turn of the script. It is unknown if the model failed after
// some text, before it reported the usage.
func (s script) usage(whole bool) (sum model.Usage, known bool) {
	rounds, last := s.rounds, s.rounds[len(s.rounds)-1]
	if s.fails != "" {
		rounds = rounds[:len(rounds)-1]
	}
	for _, r := range rounds {
		sum.Input += r.usage.Input
		sum.Output += r.usage.Output
	}
	return sum, s.fails == "" || whole || s.mute || len(last.pieces) == 0
}

func (s script) calls() (all []call) {
	for _, r := range s.rounds {
		all = append(all, r.calls...)
	}
	return all
}

// steps returns the steps of a stream, in order: pieces of text and uses of tools.
func (s script) steps() (all []step) {
	for i, r := range s.rounds {
		if i == len(s.rounds)-1 && s.fails != "" && s.mute {
			break
		}
		for _, p := range r.pieces {
			all = append(all, step{text: p})
		}
		for _, c := range r.calls {
			all = append(all, step{tool: told(c)})
		}
	}
	return all
}

// step is a piece of text, or a use of a tool.
type step struct {
	text string
	tool tool
}

// tool is the use of a tool as a surface reports it.
type tool struct{ id, name, arguments, result string }

func told(c call) tool {
	return tool{id: c.ID, name: c.Name, arguments: compact(c.Input), result: c.result}
}

// compact returns JSON in a form that can be compared.
func compact(raw []byte) string {
	var v any
	if err := json.Unmarshal(raw, &v); err != nil {
		return err.Error()
	}
	b, err := json.Marshal(v)
	if err != nil || !utf8.Valid(b) {
		return fmt.Sprint(err)
	}
	return string(b)
}
