package parity_test

import (
	"context"
	"encoding/json"
	"errors"
	"iter"
	"strings"

	"pgregory.net/rapid"

	"github.com/quintet-agents/quintet/shared/agent"
	"github.com/quintet-agents/quintet/shared/model"
)

// script is a model that says the pieces of its rounds and calls a tool between
// two of them, and that tool.
type script struct {
	rounds [][]string
	result string // of the tool
	fails  error  // instead of the last round's end
	asked  int    // how many rounds were played
}

// said is the text of so many rounds.
func (s *script) said(rounds int) string {
	var b strings.Builder
	for _, pieces := range s.rounds[:rounds] {
		b.WriteString(strings.Join(pieces, ""))
	}
	return b.String()
}

func (s *script) next() (pieces []string, calls []model.ToolCall, err error) {
	pieces = s.rounds[s.asked]
	s.asked++
	if s.asked < len(s.rounds) {
		return pieces, []model.ToolCall{{ID: "call", Name: "look up", Input: json.RawMessage("{\n \"q\": \"\u2028\u0085\"}")}}, nil
	}
	return pieces, nil, s.fails
}

// Converse fails before it says anything of its round.
func (s *script) Converse(context.Context, model.Request) (model.Reply, error) {
	pieces, calls, err := s.next()
	if err != nil {
		return model.Reply{}, err
	}
	return model.Reply{Text: strings.Join(pieces, ""), ToolCalls: calls, Usage: &model.Usage{Input: 7, Output: 3}}, nil
}

// Stream fails after it has said its round.
func (s *script) Stream(context.Context, model.Request) iter.Seq2[model.Event, error] {
	pieces, calls, err := s.next()
	events := []model.Event{model.Opened{}}
	for _, piece := range pieces {
		events = append(events, model.TextDelta(piece))
	}
	for _, call := range calls {
		events = append(events, call)
	}
	if err == nil {
		events = append(events, model.Finished{Usage: &model.Usage{Input: 7, Output: 3}})
	}
	return func(yield func(model.Event, error) bool) {
		for _, event := range events {
			if !yield(event, nil) {
				return
			}
		}
		if err != nil {
			yield(nil, err)
		}
	}
}

func (*script) Tools(context.Context, agent.Live) ([]model.Tool, error) {
	return []model.Tool{{Name: "look up", Schema: json.RawMessage(`{"type":"object"}`)}}, nil
}

func (s *script) Call(context.Context, agent.Live, model.ToolCall) (string, error) {
	return s.result, nil
}

// clusters are characters that are made of several code points, turn around
// what is beside them, or mean something to a format or to a reader of lines.
var clusters = []string{
	"a", " ", "\n", "\r\n", "\r", "\n\n", "é", "e\u0301", "👩‍👩‍👧", "🇩🇪", "👍🏽", "שלום", "مرحبا", "\u202eabc\u202c", "नि", "각", "Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍",
	"\u2028", "\u2029", "\u0085", "\v", "\f", "\x1c", "\x1e", "\u0000", "\ufffd", "\ufeff", `\u2028`, `"`, `\`, "</script>", "data: x", ": x",
	"event: done\n", "𝒳", "\U0010ffff",
}

// results are what tools say, some of it to be shown as blocks.
var results = []string{"", "plain", `{"blocks":[{"type":"card","title":"\u2028"}]}`, "{\"blocks\":\n[{\"a\":[1]},\n{\"b\":\"\u0085\u2029\"}]}", `{"blocks":["x"]}`, `{"blocks":[`}

// drawScript draws an answer of some rounds, in pieces that are cut anywhere
// between two code points.
func drawScript(t *rapid.T) script {
	text := rapid.SliceOfN(rapid.OneOf(rapid.SampledFrom(clusters), rapid.StringN(1, 4, -1)), 0, 12)
	s := script{result: rapid.SampledFrom(results).Draw(t, "result")}
	for range rapid.IntRange(1, 3).Draw(t, "rounds") {
		runes := []rune(strings.Join(text.Draw(t, "text"), ""))
		var pieces []string
		for len(runes) > 0 {
			n := rapid.IntRange(1, len(runes)).Draw(t, "piece")
			pieces, runes = append(pieces, string(runes[:n])), runes[n:]
		}
		s.rounds = append(s.rounds, pieces)
	}
	if rapid.IntRange(0, 4).Draw(t, "fails") == 0 {
		s.fails = errors.New("a secret")
	}
	return s
}
