package body

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/model"
)

func TestMessages(t *testing.T) {
	user := func(text string) model.Message { return model.Message{Role: model.User, Text: text} }
	for body, c := range map[string]struct {
		want  []model.Message
		field string // at fault; empty: none
	}{
		`{"m":[{"role":"user","content":"hi"}]}`: {[]model.Message{user("hi")}, ""},
		`{"m":[{"role":"user","content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]},{"role":"assistant","content":"","x":1}]}`: {
			[]model.Message{user("ab"), {Role: model.Assistant}}, "",
		},
		`{}`:           {nil, "m"},
		`{"m":null}`:   {nil, "m"},
		`{"m":{}}`:     {nil, "m"},
		`{"m":"hi"}`:   {nil, "m"},
		`{"m":[]}`:     {nil, "m"},
		`{"m":[null]}`: {nil, "m[0]"},
		`{"m":["hi"]}`: {nil, "m[0]"},
		`{"m":[{"role":"user","content":"a"},{"role":"system","content":"b"}]}`:    {nil, "m[1].role"},
		`{"m":[{"role":"developer","content":"b"}]}`:                               {nil, "m[0].role"},
		`{"m":[{"content":"b"}]}`:                                                  {nil, "m[0].role"},
		`{"m":[{"role":"user"}]}`:                                                  {nil, "m[0].content"},
		`{"m":[{"role":"user","content":1}]}`:                                      {nil, "m[0].content"},
		`{"m":[{"role":"user","content":[{"type":"image_url","image_url":"x"}]}]}`: {nil, "m[0].content[0].type"},
		`{"m":[{"role":"user","content":"\ud800"}]}`:                               {nil, "m[0].content"},
	} {
		o, err := parseObject("", []byte(body))
		if err != nil {
			t.Fatal(err)
		}
		got, err := Messages(o, "m")
		if c.field != "" {
			if e := fault.From(err); e == nil || e.Code != fault.Invalid || e.Field != c.field {
				t.Errorf("%s: got %v, want an error of %s", body, err, c.field)
			}
			continue
		}
		if d := cmp.Diff(c.want, got); d != "" || err != nil {
			t.Errorf("%s: error %v, messages (-want +got):\n%s", body, err, d)
		}
	}
}

func TestThreadID(t *testing.T) {
	for body, want := range map[string]string{
		`{}`: "", `{"thread_id":null}`: "", `{"thread_id":"a.B-9_:"}`: "a.B-9_:",
		`{"thread_id":"` + strings.Repeat("x", 128) + `"}`: strings.Repeat("x", 128),
		`{"thread_id":"` + strings.Repeat("x", 129) + `"}`: "!", `{"thread_id":""}`: "!", `{"thread_id":"a b"}`: "!",
		`{"thread_id":7}`: "!", `{"thread_id":"ä"}`: "!",
	} {
		o, err := parseObject("", []byte(body))
		if err != nil {
			t.Fatal(err)
		}
		got, err := ThreadID(o)
		if e := fault.From(err); want == "!" && (e == nil || e.Field != "thread_id") || want != "!" && (err != nil || got != want) {
			t.Errorf("%s: got %q, %v; want %q", body, got, err, want)
		}
	}
}
