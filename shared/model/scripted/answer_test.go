package scripted

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/quintet-agents/quintet/shared/model"
)

func TestRespond(t *testing.T) {
	user := func(text string) model.Message { return model.Message{Role: model.User, Text: text} }
	calls := model.Message{Role: model.Assistant, ToolCalls: []model.ToolCall{{ID: "1", Name: "f", Input: json.RawMessage(`{"a": 1}`)}}}
	image := model.Image{Data: []byte("png"), Type: "image/png", Width: 12, Height: 8}
	results := model.Message{Role: model.User, ToolResults: []model.ToolResult{{CallID: "1", Text: "four words of result"}}}

	for _, tc := range []struct {
		name string
		req  model.Request
		want Answer
	}{
		{
			"echo",
			model.Request{System: "be nice", Messages: []model.Message{user("hello")}},
			Answer{Deltas: []string{"You", " said:", " hello"}, Break: never, Stop: model.StopEnd, Usage: model.Usage{Input: 3, Output: 3}},
		},
		{
			"echo of a directive alone",
			model.Request{Messages: []model.Message{user("[[delay 5]]")}},
			Answer{Delay: 5 * time.Millisecond, Deltas: []string{"You", " said: "}, Break: never, Stop: model.StopEnd, Usage: model.Usage{Input: 2, Output: 2}},
		},
		{
			"directives of an earlier message",
			model.Request{Messages: []model.Message{user("[[fail]]"), user("hello")}},
			Answer{Deltas: []string{"You", " said:", " hello"}, Break: never, Stop: model.StopEnd, Usage: model.Usage{Input: 2, Output: 3}},
		},
		{
			"a stop sequence",
			model.Request{Messages: []model.Message{user("[[words 9]]")}, Stop: []string{" w5", "w3"}},
			Answer{Deltas: []string{"w1", " w2 "}, Break: never, Stop: model.StopEnd, Cut: true, Usage: model.Usage{Input: 2, Output: 2}},
		},
		{
			"images without a text",
			model.Request{Messages: []model.Message{user("hello"), {Role: model.User, Images: []model.Image{image}}}},
			Answer{Deltas: []string{"You", " said:", " [image", " image/png", " 12x8", " 3", " bytes]"}, Break: never, Stop: model.StopEnd, Usage: model.Usage{Input: 6, Output: 7}},
		},
		{
			"images and another text directive",
			model.Request{Messages: []model.Message{{Role: model.User, Text: "[[words 1]]", Images: []model.Image{image}}}},
			Answer{Deltas: []string{"w1"}, Break: never, Stop: model.StopEnd, Usage: model.Usage{Input: 7, Output: 1}},
		},
		{
			"images refused",
			model.Request{Messages: []model.Message{{Role: model.User, Text: "[[noimages]] hello", Images: []model.Image{image, image}}}},
			Answer{Fault: NoImages, Break: never},
		},
		{
			"no images to refuse",
			model.Request{Messages: []model.Message{user("[[noimages]] hello")}},
			Answer{Deltas: []string{"You", " said:", " hello"}, Break: never, Stop: model.StopEnd, Usage: model.Usage{Input: 2, Output: 3}},
		},
		{
			"refusal wins over other directives",
			model.Request{Messages: []model.Message{user("[[words 3]] [[break 1]] [[throttle]]")}},
			Answer{Fault: Throttled, Break: never},
		},
		{
			"break beyond the last delta",
			model.Request{Messages: []model.Message{user("[[words 2]] [[break 9]]")}},
			Answer{Deltas: []string{"w1", " w2"}, Break: 2, Stop: model.StopEnd, Usage: model.Usage{Input: 4, Output: 2}},
		},
		{
			"limit equal to the answer",
			model.Request{Messages: []model.Message{user("[[words 2]]")}, MaxTokens: 2},
			Answer{Deltas: []string{"w1", " w2"}, Break: never, Stop: model.StopEnd, Usage: model.Usage{Input: 2, Output: 2}},
		},
		{
			"limit below the answer",
			model.Request{Messages: []model.Message{user("[[words 1000000]]")}, MaxTokens: 2},
			Answer{Deltas: []string{"w1", " w2"}, Break: never, Stop: model.StopLength, Usage: model.Usage{Input: 2, Output: 2}},
		},
		{
			"break does not apply to a call",
			model.Request{Messages: []model.Message{user(`[[tool f {"a": 1}]] [[break 1]]`)}},
			Answer{Break: never, Calls: []model.ToolCall{{Name: "f", Input: json.RawMessage(`{"a":1}`)}}, Stop: model.StopTools, Usage: model.Usage{Input: 6, Output: 2}},
		},
		{
			"break applies after the tool results",
			model.Request{Messages: []model.Message{user("[[tool f]] [[break 1]]"), calls, results}},
			Answer{Deltas: []string{"Tool", " f", " said:", " four", " words", " of", " result"}, Break: 1, Stop: model.StopEnd, Usage: model.Usage{Input: 11, Output: 7}},
		},
		{
			"text after the tool results",
			model.Request{Messages: []model.Message{user("[[tool f]]"), calls, results, user("well?")}},
			Answer{Deltas: []string{"You", " said:", " well?"}, Break: never, Stop: model.StopEnd, Usage: model.Usage{Input: 10, Output: 3}},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := Respond(tc.req)
			if diff := cmp.Diff(tc.want, got, cmpopts.EquateEmpty(), cmpopts.IgnoreFields(model.ToolCall{}, "ID")); diff != "" {
				t.Errorf("answer (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(got, Respond(tc.req)); diff != "" {
				t.Errorf("second answer to the same request (-first +second):\n%s", diff)
			}
		})
	}
}

func TestRespond_CallIDsDiffer(t *testing.T) {
	ids := map[string]bool{}
	for _, messages := range [][]model.Message{
		{{Role: model.User, Text: "[[tool f]] [[tool f]]"}},
		{{Role: model.User, Text: "hello"}, {Role: model.Assistant, Text: "hi"}, {Role: model.User, Text: "[[tool f]] [[tool f]]"}},
	} {
		for _, c := range Respond(model.Request{Messages: messages}).Calls {
			ids[c.ID] = true
		}
	}
	if len(ids) != 4 {
		t.Errorf("got ids %v, want 4 different ones", ids)
	}
}
