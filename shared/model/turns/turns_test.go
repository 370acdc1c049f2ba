package turns_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/quintet-agents/quintet/shared/model"
	"github.com/quintet-agents/quintet/shared/model/turns"
)

func user(text string) model.Message { return model.Message{Role: model.User, Text: text} }

func assistant(text string, ids ...string) model.Message {
	m := model.Message{Role: model.Assistant, Text: text}
	for _, id := range ids {
		m.ToolCalls = append(m.ToolCalls, model.ToolCall{ID: id, Name: "f"})
	}
	return m
}

// photo returns a user's message with images of the given data.
func photo(text string, data ...string) model.Message {
	m := user(text)
	for _, d := range data {
		m.Images = append(m.Images, model.Image{Data: []byte(d)})
	}
	return m
}

func results(ids ...string) model.Message {
	m := model.Message{Role: model.User}
	for _, id := range ids {
		m.ToolResults = append(m.ToolResults, model.ToolResult{CallID: id})
	}
	return m
}

func TestArrange(t *testing.T) {
	for _, tc := range []struct {
		name string
		in   []model.Message
		want string // see show
	}{
		{"nothing", nil, ""},
		{"plain", []model.Message{user("a"), assistant("b"), user("c")}, "u:a a:b u:c"},
		{"neighbours", []model.Message{user("a"), user("b"), assistant("c"), assistant("d"), user("e")}, "u:a,b a:c,d u:e"},
		{"blanks", []model.Message{user("a"), assistant(" \n"), user(""), user("b")}, "u:a,b"},
		{"assistant first", []model.Message{assistant("x"), assistant("y"), user("a")}, "u:a"},
		{"a round", []model.Message{user("a"), assistant("b", "1", "2"), results("1"), results("2")}, "u:a a:b+1+2 u:=1=2"},
		{"half a round", []model.Message{user("a"), assistant("b", "1", "2"), results("2"), assistant("c")}, "u:a a:b+2 u:=2 a:c"},
		{"not answered", []model.Message{user("a"), assistant("", "1"), user("b")}, "u:a,b"},
		{"answered too late", []model.Message{user("a"), assistant("", "1"), user("b"), assistant("c"), results("1"), user("d")}, "u:a,b a:c u:d"},
		{"answered twice", []model.Message{user("a"), assistant("", "1"), results("1", "1")}, "u:a a:+1 u:=1"},
		{"text after results", []model.Message{user("a"), assistant("", "1"), results("1"), user("b")}, "u:a a:+1 u:=1 a:(no answer) u:b"},
		{"text before results", []model.Message{user("a"), assistant("", "1"), user("b"), results("1")}, "u:a a:+1 u:=1 a:(no answer) u:b"},
		{"an image", []model.Message{user("a"), assistant("b"), photo("c", "1")}, "u:a a:b u:c!1"},
		{"images without text", []model.Message{user("a"), assistant("b"), photo("", "1", "2")}, "u:a a:b u:!1!2"},
		{"images of neighbours", []model.Message{photo("a", "1"), photo("b", "2")}, "u:a,b!1!2"},
		{"an image after results", []model.Message{user("a"), assistant("", "1"), results("1"), photo("", "2")}, "u:a a:+1 u:=1 a:(no answer) u:!2"},
		{"the assistant's image", []model.Message{user("a"), {Role: model.Assistant, Text: "b", Images: photo("", "1").Images}, user("c")}, "u:a a:b u:c"},
		{"trimmed in a round", []model.Message{results("1"), assistant("x", "2"), results("2"), assistant("y"), user("a")}, "u:a"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, show(turns.Arrange(tc.in))); diff != "" {
				t.Errorf("turns (-want +got):\n%s", diff)
			}
		})
	}
}

// show writes turns as "u:text,text!image=result a:text+call".
func show(ts []turns.Turn) string {
	var parts []string
	for _, t := range ts {
		s := string(t.Role[:1]) + ":" + strings.Join(t.Texts, ",")
		for _, i := range t.Images {
			s += "!" + string(i.Data)
		}
		for _, c := range t.Calls {
			s += "+" + c.ID
		}
		for _, r := range t.Results {
			s += "=" + r.CallID
		}
		parts = append(parts, s)
	}
	return strings.Join(parts, " ")
}

// The turns of any history keep the rules of the package comment.
func TestArrange_AnyHistory(t *testing.T) {
	id := rapid.SampledFrom([]string{"1", "2", "3"})
	message := rapid.Custom(func(rt *rapid.T) model.Message {
		text := rapid.SampledFrom([]string{"", " ", "a", "b"}).Draw(rt, "text")
		if rapid.Bool().Draw(rt, "user") {
			m := results(rapid.SliceOfN(id, 0, 2).Draw(rt, "results")...)
			m.Text = text
			m.Images = photo("", rapid.SliceOfN(id, 0, 2).Draw(rt, "images")...).Images
			return m
		}
		return assistant(text, rapid.SliceOfN(id, 0, 2).Draw(rt, "calls")...)
	})
	rapid.Check(t, func(rt *rapid.T) {
		history := rapid.SliceOfN(message, 0, 12).Draw(rt, "history")
		before := fmt.Sprint(history)
		ts := turns.Arrange(history)
		if fmt.Sprint(history) != before {
			rt.Fatalf("got history %v after Arrange, want it unchanged: %s", history, before)
		}
		var open []string
		images, sent := 0, 0
		for _, m := range history {
			sent += len(m.Images)
		}
		for i, turn := range ts {
			if want := []model.Role{model.User, model.Assistant}[i%2]; turn.Role != want {
				rt.Fatalf("turn %d of %s: got role %s, want %s", i, show(ts), turn.Role, want)
			}
			said := len(turn.Texts) + len(turn.Images)
			if said+len(turn.Calls)+len(turn.Results) == 0 || len(turn.Results) > 0 && said > 0 {
				rt.Fatalf("turn %d of %s is empty or has results beside texts or images", i, show(ts))
			}
			images += len(turn.Images)
			var answered []string
			for _, r := range turn.Results {
				answered = append(answered, r.CallID)
			}
			if !cmp.Equal(open, answered, cmpopts.EquateEmpty(), cmpopts.SortSlices(strings.Compare)) {
				rt.Fatalf("turn %d of %s: got results of the calls %v, want %v", i, show(ts), answered, open)
			}
			open = nil
			for _, c := range turn.Calls {
				open = append(open, c.ID)
			}
		}
		if len(open) > 0 {
			rt.Fatalf("the last turn of %s: got calls %v, want none", show(ts), open)
		}
		if images != sent {
			rt.Fatalf("%s: got %d images, want %d", show(ts), images, sent)
		}
	})
}
