package gather_test

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/quintet-agents/quintet/shared/model"
	"github.com/quintet-agents/quintet/shared/model/gather"
)

func TestCharacters(t *testing.T) {
	const high, low = "\xED\xA0\xBD", "\xED\xB8\x80" // the surrogates of 😀
	for _, tc := range []struct {
		name   string
		pieces []string
		want   []string // the last one is the end
	}{
		{"whole", []string{"a", "é", "😀"}, []string{"a", "é", "😀", ""}},
		{"cut in UTF-8", []string{"a\xF0\x9F", "\x98", "\x80b"}, []string{"a", "", "😀b", ""}},
		{"cut between surrogates", []string{"a" + high, low + "b"}, []string{"a", "😀b", ""}},
		{"cut in a surrogate", []string{high[:2], high[2:] + low[:1], low[1:]}, []string{"", "", "😀", ""}},
		{"surrogates together", []string{high + low}, []string{"😀", ""}},
		{"a high one alone", []string{high, "a"}, []string{"", "\uFFFDa", ""}},
		{"a high one at the end", []string{"a" + high}, []string{"a", "\uFFFD"}},
		{"a low one alone", []string{low + "a"}, []string{"\uFFFDa", ""}},
		{"two high ones", []string{high + high + low}, []string{"\uFFFD😀", ""}},
		{"never completed", []string{"a\xE2\x82", "b"}, []string{"a", "\uFFFDb", ""}},
		{"incomplete at the end", []string{"a\xE2\x82"}, []string{"a", "\uFFFD"}},
		{"no UTF-8", []string{"\xFFa\x80"}, []string{"\uFFFDa\uFFFD", ""}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var c gather.Characters
			var got []string
			for _, piece := range tc.pieces {
				got = append(got, c.Add(piece))
			}
			if diff := cmp.Diff(tc.want, append(got, c.End())); diff != "" {
				t.Errorf("pieces (-want +got):\n%s", diff)
			}
		})
	}
}

// The concatenated results do not depend on the cuts, and a valid text is unchanged.
func TestCharacters_CutAnywhere(t *testing.T) {
	text := rapid.Custom(func(t *rapid.T) string {
		parts := rapid.SampledFrom([]string{"a", "é", "日", "😀", "\xED\xA0\xBD", "\xED\xB8\x80", "\x80", "\xF0\x9F", "\xED", "\uFFFD", "\uD7FF"})
		return strings.Join(rapid.SliceOfN(parts, 0, 8).Draw(t, "parts"), "")
	})
	rapid.Check(t, func(t *rapid.T) {
		s := text.Draw(t, "text")
		var whole, cut gather.Characters
		want := whole.Add(s) + whole.End()
		if utf8.ValidString(s) && want != s || !utf8.ValidString(want) {
			t.Fatalf("%q in one piece: got %q, want valid UTF-8, and no change to a valid text", s, want)
		}
		got := ""
		for s != "" {
			n := rapid.IntRange(1, len(s)).Draw(t, "size")
			piece := cut.Add(s[:n])
			if !utf8.ValidString(piece) {
				t.Fatalf("got %q, want valid UTF-8", piece)
			}
			got, s = got+piece, s[n:]
		}
		if got += cut.End(); got != want {
			t.Fatalf("got %q in pieces, want %q", got, want)
		}
	})
}

func TestUnquote(t *testing.T) {
	for raw, want := range map[string]string{
		`""`:                   "",
		`"a\n\"\\\/é\t"`:       "a\n\"\\/é\t",
		`"\u00e9\ud83d\ude00"`: "é😀",
		`"\ud83d"`:             "\xED\xA0\xBD",
		`"\ude00x"`:            "\xED\xB8\x80x",
		`"\ud83d\n"`:           "\xED\xA0\xBD\n",
		`"\ud83d\ud83d\ude00"`: "\xED\xA0\xBD😀",
		"\"\xF0\x9F\"":         "\xF0\x9F",
		`"\u0000"`:             "\x00",
	} {
		if got, ok := gather.Unquote([]byte(raw)); !ok || got != want {
			t.Errorf("%s: got %q, %v, want %q", raw, got, ok, want)
		}
	}
	for _, raw := range []string{``, `"`, `1`, `null`, `"\x"`, `"\u12"`, `"\"`} {
		if got, ok := gather.Unquote([]byte(raw)); ok {
			t.Errorf("%s: got %q, want no text", raw, got)
		}
	}
}

// Unquote and Characters give the same text as the standard library for any valid
// string.
func FuzzUnquote(f *testing.F) {
	f.Add(`"\ud83d\ude00é\n"`)
	f.Fuzz(func(t *testing.T, raw string) {
		var want string
		if raw == "null" || json.Unmarshal([]byte(raw), &want) != nil || !utf8.ValidString(raw) {
			return
		}
		got, ok := gather.Unquote([]byte(strings.TrimSpace(raw)))
		var c gather.Characters
		if text := c.Add(got) + c.End(); !ok || text != want {
			t.Errorf("%q: got %q, %v, want %q", raw, text, ok, want)
		}
	})
}

func TestAnswer_Text(t *testing.T) {
	half := strings.Repeat("é", model.MaxAnswerText/4)
	var b gather.Answer
	got, err := b.Text("a" + half + half)
	if !errors.Is(err, model.ErrTooLarge) || len(got) != model.MaxAnswerText-1 || !utf8.ValidString(got) {
		t.Errorf("got %d bytes, %v, want %d", len(got), err, model.MaxAnswerText-1)
	}
	if got, err := b.Text("more"); got != "" || !errors.Is(err, model.ErrTooLarge) {
		t.Errorf("got %q, %v, want no text and ErrTooLarge", got, err)
	}
}

func TestAnswer_Calls(t *testing.T) {
	var a gather.Answer
	for i := range model.MaxCalls {
		c, err := a.Call()
		if err != nil {
			t.Fatal(i, err)
		}
		c.ID, c.Name = strings.Repeat("i", 10*i), strings.Repeat("né", 10*i)
		if err := c.Arguments(`{"a": "\`); err != nil {
			t.Fatal(err)
		}
		if err := c.Arguments(`n"}`); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := a.Call(); !errors.Is(err, model.ErrTooLarge) {
		t.Errorf("call %d: got error %v, want ErrTooLarge", model.MaxCalls, err)
	}
	for i, c := range a.Calls() {
		got := c.Complete()
		if got.Malformed || string(got.Input) != `{"a":"\n"}` || got.ID == "" || len(got.ID) > model.MaxCallID || len(got.Name) > model.MaxCallName || !utf8.ValidString(got.Name) {
			t.Errorf("call %d: got %+v, want its input, and id and name within the bounds", i, got)
		}
		if id := strings.Repeat("i", 10*i); id != "" && len(id) <= model.MaxCallID && got.ID != id {
			t.Errorf("call %d: got id %q, want %q", i, got.ID, id)
		}
	}
	c := a.Calls()[0]
	pieces := slices.Repeat([]string{strings.Repeat("x", 1<<10)}, model.MaxArguments>>10)
	var err error
	for _, piece := range pieces {
		if err == nil {
			err = c.Arguments(piece)
		}
	}
	if !errors.Is(err, model.ErrTooLarge) {
		t.Errorf("%d bytes of arguments: got error %v, want ErrTooLarge", model.MaxArguments, err)
	}
}

func TestCall_NoObject(t *testing.T) {
	for arguments, want := range map[string]string{
		"": "{}", " ": "{}", `{ "a" : 1.50 }`: `{"a":1.50}`, `{"a": "y`: "malformed", "[1]": "malformed", "null": "malformed", "x=1": "malformed", `{} {}`: "malformed",
	} {
		var a gather.Answer
		c, err := a.Call()
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Arguments(arguments); err != nil {
			t.Fatal(err)
		}
		got := c.Complete()
		if malformed := want == "malformed"; malformed {
			want = "{}"
			if !got.Malformed {
				t.Errorf("%q: got %+v, want it malformed", arguments, got)
			}
		} else if got.Malformed {
			t.Errorf("%q: got %+v, want it well-formed", arguments, got)
		}
		if string(got.Input) != want {
			t.Errorf("%q: got %q, want %q", arguments, got.Input, want)
		}
	}
}
