package scripted

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/quintet-agents/quintet/shared/model"
)

func TestParse(t *testing.T) {
	call := func(name, input string) model.ToolCall {
		return model.ToolCall{Name: name, Input: json.RawMessage(input)}
	}
	for text, want := range map[string]directives{
		"hello  world ":                         {rest: "hello  world "},
		"[[words 12]]":                          {subject: "words", words: 12},
		"say [[words 2]] [[recall]] now":        {subject: "words", words: 2, rest: "say   now"},
		"[[system]]":                            {subject: "system"},
		" [[delay 250]] hello ":                 {delay: 250 * time.Millisecond, rest: "hello"},
		"[[break 0]]":                           {breakAfter: 0},
		"[[break 3]] hi":                        {breakAfter: 3, rest: "hi"},
		"[[throttle]]":                          {fault: Throttled},
		"[[fail]]":                              {fault: Failed},
		"[[nomodel]]":                           {fault: NoModel},
		"[[[recall]]]":                          {subject: "recall", rest: "[]"},
		`[[tool f {"a": [["]]", {"b":1}]]}]] x`: {calls: []model.ToolCall{call("f", `{"a":[["]]",{"b":1}]]}`)}, rest: "x"},
		"[[tool f]][[tool g {}  ]]":             {calls: []model.ToolCall{call("f", "{}"), call("g", "{}")}},
		"[[tool f\n{\"a\":1}\n]]":               {calls: []model.ToolCall{call("f", `{"a":1}`)}},
		"[[tool f{}]]":                          {calls: []model.ToolCall{call("f", "{}")}},

		// Malformed directives.
		"[[words]]":                   {rest: "[[words]]"},
		"[[words x]]":                 {rest: "[[words x]]"},
		"[[words -1]]":                {rest: "[[words -1]]"},
		"[[words 99999999999999999]]": {rest: "[[words 99999999999999999]]"},
		"[[recall 1]]":                {rest: "[[recall 1]]"},
		"[[unknown]] [[Words 1]]":     {rest: "[[unknown]] [[Words 1]]"},
		"[[tool f {]]":                {rest: "[[tool f {]]"},
		"[[tool f [1]]]":              {rest: "[[tool f [1]]]"},
		`[[tool f {"a":1} {}]]`:       {rest: `[[tool f {"a":1} {}]]`},
		"[[tool]] [[":                 {rest: "[[tool]] [["},
	} {
		t.Run(text, func(t *testing.T) {
			if !strings.Contains(text, "[[break") {
				want.breakAfter = never
			}
			got := parse(text)
			if diff := cmp.Diff(want, got, cmp.AllowUnexported(directives{})); diff != "" {
				t.Errorf("parse (-want +got):\n%s", diff)
			}
		})
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"", "hello", "[[words 3]]", "[[delay 5]] x", "[[break 1]][[words 2]]", "[[recall]]", "[[system]]",
		`[[tool weather {"city":"Zürich","l":[[1]]}]] and`, "[[tool x]]", "[[tool x {", "[[[[recall]]]]", "[[throttle]]", "\xff[[fail]]",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		d := parse(text)
		if len(d.rest) > len(text) {
			t.Errorf("got rest %q, want at most the text %q", d.rest, text)
		}
		if cmp.Equal(d, directives{breakAfter: never, rest: d.rest}, cmp.AllowUnexported(directives{})) && !strings.Contains(text, "[[") && d.rest != text {
			t.Errorf("got rest %q, want the text unchanged: %q", d.rest, text)
		}
		if d.words > highest || d.breakAfter > highest || d.delay > highest*time.Millisecond || d.breakAfter < never {
			t.Errorf("got %+v, want numbers within the bounds", d)
		}
		for _, c := range d.calls {
			var object map[string]any
			if c.Name == "" || json.Unmarshal(c.Input, &object) != nil {
				t.Errorf("got call %q with input %s, want a name and valid JSON", c.Name, c.Input)
			}
			if joined := strings.Join(Pieces(c.Input), ""); joined != string(c.Input) && string(c.Input) != "{}" {
				t.Errorf("got joined pieces %s, want %s", joined, c.Input)
			}
		}
		deltas := split(d.rest)
		if strings.Join(deltas, "") != d.rest {
			t.Errorf("got deltas %q, want them to join to %q", deltas, d.rest)
		}
		if n := words(d.rest); n > 0 && n != len(deltas) {
			t.Errorf("got %d deltas %q, want one for each of %d words", len(deltas), deltas, n)
		}
	})
}
