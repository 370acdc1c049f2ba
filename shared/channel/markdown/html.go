package markdown

import (
	"fmt"
	"html"
	"strings"

	"github.com/yuin/goldmark/ast"
	extended "github.com/yuin/goldmark/extension/ast"
)

// htmlWriter writes Markdown as HTML.
type htmlWriter struct {
	out    strings.Builder
	source []byte
	inLink bool // links have no links in them
}

func (w *htmlWriter) blocks(parent ast.Node) {
	for n := parent.FirstChild(); n != nil; n = n.NextSibling() {
		w.block(n)
	}
}

func (w *htmlWriter) block(n ast.Node) {
	switch n := n.(type) {
	case *ast.Paragraph:
		w.element("p", w.lines(n))
	case *ast.TextBlock:
		w.out.WriteString(w.lines(n) + "\n")
	case *ast.Heading:
		w.element("p", "<strong>"+w.lines(n)+"</strong>")
	case *ast.FencedCodeBlock, *ast.CodeBlock:
		w.element("pre", "<code>"+html.EscapeString(codeBlock(n, w.source))+"</code>")
	case *ast.Blockquote:
		w.around("blockquote", "blockquote", n)
	case *ast.List:
		w.list(n)
	case *ast.ListItem:
		w.around("li", "li", n)
	default:
		w.blocks(n)
	}
}

func (w *htmlWriter) element(name, content string) {
	w.out.WriteString("<" + name + ">" + content + "</" + name + ">\n")
}

// around writes an element of blocks.
func (w *htmlWriter) around(start, name string, n ast.Node) {
	w.out.WriteString("<" + start + ">\n")
	w.blocks(n)
	w.out.WriteString("</" + name + ">\n")
}

func (w *htmlWriter) list(n *ast.List) {
	switch {
	case !n.IsOrdered():
		w.around("ul", "ul", n)
	case n.Start != 1:
		w.around(fmt.Sprintf(`ol start="%d"`, n.Start), "ol", n)
	default:
		w.around("ol", "ol", n)
	}
}

// lines returns the text in a block.
func (w *htmlWriter) lines(n ast.Node) string {
	return strings.Join(unruled(w.inline(n)), "<br>\n")
}

// inline returns the text in a node.
func (w *htmlWriter) inline(parent ast.Node) string {
	var b strings.Builder
	for n := parent.FirstChild(); n != nil; n = n.NextSibling() {
		b.WriteString(w.span(n))
	}
	return b.String()
}

func (w *htmlWriter) span(n ast.Node) string {
	switch n := n.(type) {
	case *ast.Text:
		return html.EscapeString(words(n, w.source))
	case *ast.CodeSpan:
		return "<code>" + html.EscapeString(codeSpan(n, w.source)) + "</code>"
	case *ast.AutoLink:
		to := string(n.URL(w.source))
		if n.AutoLinkType == ast.AutoLinkEmail {
			to = "mailto:" + to
		}
		return w.anchor(html.EscapeString(string(n.Label(w.source))), to, "")
	case *ast.Emphasis:
		if n.Level == 2 {
			return "<strong>" + w.inline(n) + "</strong>"
		}
		return "<em>" + w.inline(n) + "</em>"
	case *extended.Strikethrough:
		return "<del>" + w.inline(n) + "</del>"
	}
	if to, title, ok := target(n); ok {
		outer := w.inLink
		w.inLink = true
		label := w.inline(n)
		w.inLink = outer
		return w.anchor(label, to, title)
	}
	return w.inline(n)
}

// anchor returns a link, or its text with the URL where that may not be a link. The label is
// HTML.
func (w *htmlWriter) anchor(label, to, title string) string {
	if w.inLink || !safe(to) {
		return linked(label, html.EscapeString(to), html.EscapeString(title))
	}
	if label == "" {
		label = html.EscapeString(to)
	}
	if title != "" {
		title = " (" + html.EscapeString(title) + ")"
	}
	return `<a href="` + html.EscapeString(to) + `">` + label + "</a>" + title
}
