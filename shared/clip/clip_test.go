package clip_test

import (
	"strings"
	"testing"

	"github.com/quintet-agents/quintet/shared/clip"
)

func TestText(t *testing.T) {
	for _, c := range []struct {
		text  string
		limit int
		want  string
	}{
		{"", 0, ""},
		{"", -1, ""},
		{"abc", 3, "abc"},
		{"abc", 2, "ab"},
		{"abc", 0, ""},
		{"abc", -1, ""},
		{"añb", 3, "añ"},
		{"añb", 2, "a"},
		{"a€", 3, "a"},
		{"a€", 2, "a"},
		{"a😀", 4, "a"},
		{"😀", 3, ""},
		{"😀!", 4, "😀"},
		{"\x80\x80\x80\x80\x80\x80", 5, "\x80\x80\x80\x80\x80"},
		{"ab\xff\xff", 3, "ab\xff"},
	} {
		if got := clip.Text(c.text, c.limit); got != c.want {
			t.Errorf("%q to %d bytes: got %q, want %q", c.text, c.limit, got, c.want)
		}
	}
}

func FuzzText(f *testing.F) {
	f.Add("a😀b", 3)
	f.Fuzz(func(t *testing.T, text string, limit int) {
		text = strings.ToValidUTF8(text, "\uFFFD")
		got := clip.Text(text, limit)
		switch {
		case !strings.HasPrefix(text, got):
			t.Errorf("got %q, want a prefix of %q", got, text)
		case len(got) > max(limit, 0):
			t.Errorf("got %d bytes, want at most %d", len(got), limit)
		case strings.ToValidUTF8(got, "") != got:
			t.Errorf("got %q, want no part of a character at its end", got)
		case got != text && limit-len(got) > 3:
			t.Errorf("got %d bytes of %d, want more", len(got), limit)
		}
	})
}
