package markdown

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/yuin/goldmark/ast"
	extended "github.com/yuin/goldmark/extension/ast"
)

// marks are what a channel puts around text; an empty mark is left out.
type marks struct{ strong, emphasis, strike, code, fence string }

// textWriter writes Markdown as text. Blocks keep the blank lines between them.
type textWriter struct {
	marks  marks
	source []byte
}

func writeText(answer string, m marks) string {
	if len(answer) > maxAnswer {
		return strings.TrimSpace(valid(answer))
	}
	root, source := parse(answer)
	w := textWriter{marks: m, source: source}
	return strings.TrimSpace(w.blocks(root))
}

// blocks returns the blocks in a node, each on lines of its own.
func (w textWriter) blocks(parent ast.Node) string {
	var b strings.Builder
	blank := false
	for n := parent.FirstChild(); n != nil; n = n.NextSibling() {
		blank = blank || n.HasBlankPreviousLines()
		block := w.block(n)
		if block == "" {
			blank = true // a rule
			continue
		}
		if b.Len() > 0 {
			b.WriteByte('\n')
			if blank {
				b.WriteByte('\n')
			}
		}
		b.WriteString(block)
		blank = false
	}
	return b.String()
}

func (w textWriter) block(n ast.Node) string {
	switch n := n.(type) {
	case *ast.Paragraph, *ast.TextBlock:
		return strings.Join(unruled(w.inline(n)), "\n")
	case *ast.Heading:
		bold := w
		bold.marks.strong = "" // not twice
		return mark(bold.inline(n), w.marks.strong)
	case *ast.FencedCodeBlock, *ast.CodeBlock:
		return w.fenced(codeBlock(n, w.source))
	case *ast.Blockquote:
		return prefixed(w.blocks(n), "> ", "> ")
	case *ast.List:
		return w.list(n)
	}
	return w.blocks(n)
}

func (w textWriter) fenced(code string) string {
	if code == "" || w.marks.fence == "" || strings.Contains(code, w.marks.fence) {
		return code
	}
	return w.marks.fence + "\n" + code + "\n" + w.marks.fence
}

func (w textWriter) list(list *ast.List) string {
	var b strings.Builder
	number := list.Start
	for item := list.FirstChild(); item != nil; item = item.NextSibling() {
		bullet := "- "
		if list.IsOrdered() {
			bullet = fmt.Sprintf("%d%c ", number, list.Marker)
			number++
		}
		if b.Len() > 0 {
			b.WriteByte('\n')
			if item.HasBlankPreviousLines() {
				b.WriteByte('\n')
			}
		}
		b.WriteString(prefixed(w.blocks(item), bullet, strings.Repeat(" ", len(bullet))))
	}
	return b.String()
}

// prefixed puts a prefix before the first line of a text and another before the rest.
func prefixed(text, first, rest string) string {
	all := strings.Split(text, "\n")
	for i, l := range all {
		all[i] = strings.TrimRight(first+l, " ")
		first = rest
	}
	return strings.Join(all, "\n")
}

// inline returns the text in a node.
func (w textWriter) inline(parent ast.Node) string {
	var b strings.Builder
	for n := parent.FirstChild(); n != nil; n = n.NextSibling() {
		inner, m := w.span(n)
		if m != "" && (wordEnds(b.String()) || wordBegins(n.NextSibling(), w.source)) {
			m = ""
		}
		b.WriteString(mark(inner, m))
	}
	return b.String()
}

// span returns the text of a node, and the mark to put around it.
func (w textWriter) span(n ast.Node) (inner, mark string) {
	switch n := n.(type) {
	case *ast.Text:
		return words(n, w.source), ""
	case *ast.CodeSpan:
		return codeSpan(n, w.source), w.marks.code
	case *ast.AutoLink:
		return string(n.Label(w.source)), ""
	case *ast.Emphasis:
		of, within := w.marks.emphasis, w
		within.marks.emphasis = ""
		if n.Level == 2 {
			of, within = w.marks.strong, w
			within.marks.strong = ""
		}
		return within.inline(n), of
	case *extended.Strikethrough:
		within := w
		within.marks.strike = ""
		return within.inline(n), w.marks.strike
	}
	if to, title, ok := target(n); ok {
		return linked(w.inline(n), to, title), ""
	}
	return w.inline(n), ""
}

// mark puts a mark around each line of a text: marks do not reach over line breaks. A text
// that has the mark is returned without a further one.
func mark(text, m string) string {
	if m == "" || strings.Contains(text, m) {
		return text
	}
	all := strings.Split(text, "\n")
	for i, l := range all {
		if inner := strings.TrimSpace(l); inner != "" {
			before, after, _ := strings.Cut(l, inner)
			all[i] = before + m + inner + m + after
		}
	}
	return strings.Join(all, "\n")
}

func wordEnds(text string) bool {
	r, _ := utf8.DecodeLastRuneInString(text)
	return unicode.IsLetter(r) || unicode.IsDigit(r)
}

func wordBegins(n ast.Node, source []byte) bool {
	t, ok := n.(*ast.Text)
	if !ok {
		return false
	}
	r, _ := utf8.DecodeRune(t.Segment.Value(source))
	return unicode.IsLetter(r) || unicode.IsDigit(r)
}
