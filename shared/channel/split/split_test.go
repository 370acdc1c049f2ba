package split_test

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/clipperhouse/uax29/v2/graphemes"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/quintet-agents/quintet/shared/channel/split"
)

const family = "👨‍👩‍👧" // five code points, 18 bytes, 8 UTF-16 units

func TestText(t *testing.T) {
	bytes := func(n int) split.Limit { return split.Limit{N: n} }
	for what, c := range map[string]struct {
		text  string
		limit split.Limit
		want  []string
	}{
		"empty":                  {"", bytes(5), nil},
		"only white space":       {" \n\t\u00a0\r\n", bytes(2), nil},
		"fits":                   {"12345", bytes(5), []string{"12345"}},
		"fits without its ends":  {"\n 12 45\r\n", bytes(5), []string{"12 45"}},
		"paragraph":              {"a b\nc\n\nd. E\nf g", bytes(12), []string{"a b\nc", "d. E\nf g"}},
		"paragraph, CRLF":        {"a b\r\n\r\nd. E\r\nf g h", bytes(14), []string{"a b", "d. E\r\nf g h"}},
		"line":                   {"a. B\nc d. E f g", bytes(11), []string{"a. B", "c d. E f g"}},
		"sentence":               {"One two. Three four", bytes(15), []string{"One two.", "Three four"}},
		"sentence in quotes":     {`He said "No." Then he left`, bytes(20), []string{`He said "No."`, "Then he left"}},
		"no sentence":            {"at 3.5 and, e.g. here too", bytes(20), []string{"at 3.5 and, e.g.", "here too"}},
		"word":                   {"one two three", bytes(9), []string{"one two", "three"}},
		"inside a word":          {"12345678", bytes(5), []string{"12345", "678"}},
		"last of several":        {"a\n\nb\n\nc", bytes(5), []string{"a\n\nb", "c"}},
		"few parts before lines": {"aaaa\nbb cc\ndddd", bytes(10), []string{"aaaa\nbb cc", "dddd"}},
		"a word before two":      {"aa aa aa\nb", bytes(8), []string{"aa aa aa", "b"}},
		"the rest must fit":      {"aa\n\nbb bb bb bb", bytes(8), []string{"aa\n\nbb", "bb bb bb"}},
		"Chinese":                {"他说：好。我们走吧，再见", split.Limit{N: 8, Unit: split.Characters}, []string{"他说：好。", "我们走吧，再见"}},
		"Chinese, comma":         {"一二三四，五六", split.Limit{N: 4, Unit: split.Characters}, []string{"一二三", "四，五六"}},
		"Japanese, long vowel":   {"これはカードで", split.Limit{N: 4, Unit: split.Characters}, []string{"これは", "カードで"}},
		"opening bracket":        {"一二三「四五", split.Limit{N: 4, Unit: split.Characters}, []string{"一二三", "「四五"}},
		"emoji in bytes":         {family + family, bytes(35), []string{family, family}},
		"emoji in characters":    {family + family, split.Limit{N: 9, Unit: split.Characters}, []string{family, family}},
		"emoji in UTF-16":        {family + family, split.Limit{N: 16, Unit: split.UTF16}, []string{family + family}},
		"accents":                {"e\u0301e\u0301e\u0301", bytes(7), []string{"e\u0301e\u0301", "e\u0301"}},
		"cluster above limit":    {"a" + family, bytes(11), []string{"a👨\u200d", "👩\u200d👧"}},
		"code point above limit": {"a😀b", bytes(2), []string{"a", "😀", "b"}},
		"before a cut cluster":   {"abcdefgh" + family, bytes(12), []string{"abcdefgh", "👨\u200d👩", "\u200d👧"}},
		"no limit":               {"ab c", bytes(0), []string{"a", "b", "c"}},
		"invalid UTF-8":          {"a\xff\xfeb \xc3", split.Limit{N: 3, Unit: split.Characters}, []string{"a\uFFFDb", "\uFFFD"}},
		"before code":            {"See:\n```go\na b\n\nc d\n```", bytes(21), []string{"See:", "```go\na b\n\nc d\n```"}},
		"after code":             {"```\na\n\nb c\n```\nAnd then. It was", bytes(22), []string{"```\na\n\nb c\n```", "And then. It was"}},
		"long code":              {"```\naa aa\nbb bb\ncc cc\n```", bytes(18), []string{"```\naa aa\nbb bb", "cc cc\n```"}},
		"no sentence in code":    {"```\na. B\nc d\n```", bytes(12), []string{"```\na. B", "c d\n```"}},
		"no fence on its own":    {"a\nb c\n```\nd e f g h", bytes(11), []string{"a\nb c\n```\nd", "e f g h"}},
		"code without an end":    {"a b\n```\nc d\n\ne f", bytes(14), []string{"a b", "```\nc d\n\ne f"}},
		"code on one line":       {"```a``` b\nc\n\nd e f", bytes(16), []string{"```a``` b\nc", "d e f"}},
	} {
		t.Run(what, func(t *testing.T) {
			if d := cmp.Diff(c.want, split.Text(c.text, c.limit)); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

// pieces are what random texts consist of.
var pieces = []string{
	"a", "B", "word", ". ", "? ", " ", "  ", "\n", "\n\n", "\r\n", "\u00a0", "\u2029", "é", "e\u0301", "\u0301", "好", "。", "カー", family, "🇳🇱", "🇳", "\u200d", "```", "\n```\n", "\xff",
}

func texts(most int) *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		return strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 0, most).Draw(t, "pieces"), "")
	})
}

func limits(most int) *rapid.Generator[split.Limit] {
	return rapid.Custom(func(t *rapid.T) split.Limit {
		unit := rapid.SampledFrom([]split.Unit{split.Bytes, split.Characters, split.UTF16}).Draw(t, "unit")
		return split.Limit{N: rapid.IntRange(1, most).Draw(t, "n"), Unit: unit}
	})
}

// length is an independent count of a text's units.
func length(text string, unit split.Unit) int {
	switch unit {
	case split.Characters:
		return len([]rune(text))
	case split.UTF16:
		return len(utf16.Encode([]rune(text)))
	default:
		return len(text)
	}
}

// Parts fit, are not blank, and have all of the text except white space between them.
func TestText_KeepsEverything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		wantParts(t, texts(60).Draw(t, "text"), limits(40).Draw(t, "limit"))
	})
}

func wantParts(t rapid.TB, text string, limit split.Limit) {
	t.Helper()
	parts := split.Text(text, limit)
	rest := strings.ToValidUTF8(text, "\uFFFD")
	for i, part := range parts {
		for !strings.HasPrefix(rest, part) && strings.IndexFunc(rest, unicode.IsSpace) == 0 {
			_, size := utf8.DecodeRuneInString(rest)
			rest = rest[size:]
		}
		after, ok := strings.CutPrefix(rest, part)
		if !ok {
			t.Fatalf("got part %d of %q, want that %q begins with it", i, parts, rest)
		}
		rest = after
		if all := clusters(part); strings.TrimSpace(all[0]) == "" || strings.TrimSpace(all[len(all)-1]) == "" {
			t.Fatalf("got part %q, want none with white space at its ends", part)
		}
		if length(part, limit.Unit) > limit.N && utf8.RuneCountInString(part) != 1 {
			t.Fatalf("got part %q of %d units, want %d", part, length(part, limit.Unit), limit.N)
		}
	}
	if strings.TrimSpace(rest) != "" {
		t.Fatalf("got %q, which lacks %q", parts, rest)
	}
}

func clusters(text string) []string {
	var all []string
	for c := graphemes.FromString(text); c.Next(); {
		all = append(all, c.Value())
	}
	return all
}

// No other choice of places between grapheme clusters makes fewer parts.
func TestText_FewestParts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text, limit := texts(12).Draw(t, "text"), limits(30).Draw(t, "limit")
		units := clusters(strings.ToValidUTF8(text, "\uFFFD"))
		for _, c := range units {
			if length(c, limit.Unit) > limit.N {
				return // it is cut, and not by clusters
			}
		}
		if got, want := len(split.Text(text, limit)), fewest(units, limit); got != want {
			t.Fatalf("got %d parts, want %d", got, want)
		}
	})
}

// fewest tries all places to cut.
func fewest(units []string, limit split.Limit) int {
	least := make([]int, len(units)+1) // by the number of units from the start
	for end := 1; end <= len(units); end++ {
		least[end] = least[end-1] + 1
		for start := range end {
			part := trimmed(units[start:end])
			switch {
			case part == "":
				least[end] = min(least[end], least[start])
			case length(part, limit.Unit) <= limit.N:
				least[end] = min(least[end], least[start]+1)
			}
		}
	}
	return least[len(units)]
}

// trimmed joins clusters without white space at both ends.
func trimmed(units []string) string {
	for len(units) > 0 && strings.TrimSpace(units[0]) == "" {
		units = units[1:]
	}
	for len(units) > 0 && strings.TrimSpace(units[len(units)-1]) == "" {
		units = units[:len(units)-1]
	}
	return strings.Join(units, "")
}

// A cut never goes through a cluster that fits.
func TestText_KeepsClusters(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text, limit := strings.ToValidUTF8(texts(40).Draw(t, "text"), "\uFFFD"), limits(40).Draw(t, "limit")
		starts, at := map[int]bool{len(text): true}, 0
		for _, c := range clusters(text) {
			starts[at] = true
			for i := range c {
				if length(c, limit.Unit) > limit.N {
					starts[at+i] = true
				}
			}
			at += len(c)
		}
		from := 0
		for _, part := range split.Text(text, limit) {
			from += strings.Index(text[from:], part)
			to := from + len(part)
			if !starts[from] || !starts[to] {
				t.Fatalf("got part %q at %d to %d, inside a cluster of %q", part, from, to, text)
			}
			from = to
		}
	})
}

func FuzzText(f *testing.F) {
	for _, seed := range []string{"", " ", "One. Two\n\nthree", family, "a\xff", "```\ncode\n```", "e\u0301 \u0301"} {
		f.Add(seed, 5, 0)
		f.Add(seed, 1, 2)
	}
	f.Fuzz(func(t *testing.T, text string, n, unit int) {
		wantParts(t, text, split.Limit{N: n, Unit: split.Unit(unit)})
	})
}

// A long text is cut in a time that grows with its length, whatever it consists of.
func BenchmarkText(b *testing.B) {
	for name, piece := range map[string]string{"words": "word and more. ", "marks": "\u0301", "dots": ". 1 (", "one word": "a", "fences": "```\na\n\n"} {
		text := strings.Repeat(piece, 100_000/len(piece))
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				split.Text(text, split.Limit{N: 1000})
			}
		})
	}
}
