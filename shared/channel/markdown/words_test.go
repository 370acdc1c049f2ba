package markdown_test

import (
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/quintet-agents/quintet/shared/channel/markdown"
)

// letters returns a text without its marks: only the letters, so that the numbers of lists do
// not count.
func letters(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) {
			return r
		}
		return -1
	}, text)
}

// allowed lists the elements and attributes of mails.
var allowed = map[string][]string{
	"p": nil, "ul": nil, "ol": {"start"}, "li": nil, "a": {"href"}, "strong": nil, "em": nil, "del": nil, "code": nil, "pre": nil,
	"blockquote": nil, "br": nil,
}

// read returns the text of HTML, with the URL of a link after a label that is another text.
// The HTML must be well-formed and have only elements and links that are allowed.
func read(t rapid.TB, written string) string {
	t.Helper()
	var text strings.Builder
	var to string
	var label int
	for d := xml.NewDecoder(strings.NewReader("<mail>" + strings.ReplaceAll(written, "<br>", "<br/>") + "</mail>")); ; {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return text.String()
		}
		switch token := token.(type) {
		case nil:
			t.Fatalf("got HTML that is not well-formed: %v in %q", err, written)
		case xml.CharData:
			text.Write(token)
		case xml.StartElement:
			attributes, ok := allowed[token.Name.Local]
			if !ok && token.Name.Local != "mail" {
				t.Fatalf("got element %s in %q", token.Name.Local, written)
			}
			for _, a := range token.Attr {
				if !slices.Contains(attributes, a.Name.Local) {
					t.Fatalf("got attribute %s in %q", a.Name.Local, written)
				}
				to = a.Value
			}
			if token.Name.Local == "a" {
				label = text.Len()
				if scheme, _, _ := strings.Cut(to, ":"); !slices.Contains([]string{"http", "https", "mailto"}, strings.ToLower(scheme)) {
					t.Fatalf("got a link to %q", to)
				}
			}
		case xml.EndElement:
			if token.Name.Local == "a" && text.String()[label:] != to {
				text.WriteString(" " + to + " ")
			}
		}
	}
}

// pieces are what random answers consist of.
var pieces = []string{
	"word", "Wörter", "好", "：", "a", " ", " ", "\n", "\n\n", "*", "**", "***", "_", "__", "~~", "`code`", "\n```\n", "\n- ", "\n   ", "\n\n      ", "\t", "\n2. ", "\n# ", "\n> ",
	"[label](https://example.com/a_b)", "[label](/no)", "https://example.com/c_d_", "|", "\n|---|\n", "\n---\n", "<b>", "\\", "!", "[", "]", "&",
}

// Each form has all words of an answer, in order.
func TestForms_KeepWords(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		answer := strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 0, 30).Draw(t, "pieces"), "")
		if strings.Contains(answer, "~~~") {
			return // fenced code with a language, which is not written
		}
		want := letters(answer)
		for form, got := range map[string]string{
			"WhatsApp": markdown.WhatsApp(answer), "plain text": markdown.Plain(answer), "HTML": read(t, markdown.HTML(answer)),
		} {
			if letters(got) != want {
				t.Fatalf("%s: got %q of %q", form, got, answer)
			}
		}
	})
}

// Plain text stays as it is, and marks do not return when a text is written again.
func TestPlain_Again(t *testing.T) {
	for _, answer := range []string{"Hello!\n\nOne - two, 3 * 4.", "- a\n- b\n\n1. c\n   - d", "a@example.com https://example.com/a_b_c"} {
		if got := markdown.Plain(answer); got != answer {
			t.Errorf("got %q, want %q", got, answer)
		}
	}
}

func FuzzForms(f *testing.F) {
	for _, seed := range []string{
		"", "**a** _b_ ~~c~~ `d`", "# a\n- b\n  1. c\n> d", "```go\na\n```", "[a](https://x.y \"b\") <c@d.e> https://x.y", "| a | b |\n|---|---|\n| c | d |",
		"\\*a &amp; &#0; <script>", "a\xff\x00", "![a](b)", "[a](javascript:b)",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, answer string) {
		whatsApp, plain := markdown.WhatsApp(answer), markdown.Plain(answer)
		if letters(whatsApp) != letters(plain) {
			t.Errorf("got %q for WhatsApp and %q in plain text", whatsApp, plain)
		}
		if !utf8.ValidString(whatsApp) || !utf8.ValidString(plain) {
			t.Error("got invalid UTF-8")
		}
		if !strings.ContainsAny(answer, "&`~]") && letters(plain) != letters(answer) {
			t.Errorf("got %q of %q", plain, answer)
		}
		read(t, strings.Map(printable, markdown.HTML(answer)))
	})
}

// printable drops what XML cannot have.
func printable(r rune) rune {
	if r < ' ' && r != '\n' && r != '\t' || r >= 0xFFFE && r <= 0xFFFF {
		return -1
	}
	return r
}

// Deeply nested answers have all words, and so do answers that are too long to be read as
// Markdown.
func TestForms_Nested(t *testing.T) {
	for _, piece := range []string{"> ", "1. ", "*a ", "**a", "[", "![", "[a](", "`a``", "~~a ", "<a", "&", "\\"} {
		for _, size := range []int{16 << 10, 80 << 10} {
			answer := strings.Repeat(piece, size/len(piece)) + " end"
			for form, got := range map[string]string{"WhatsApp": markdown.WhatsApp(answer), "HTML": read(t, markdown.HTML(answer))} {
				if letters(got) != letters(answer) {
					t.Errorf("%s: got %d letters of %d with %q", form, len(letters(got)), len(letters(answer)), piece)
				}
			}
		}
	}
}
