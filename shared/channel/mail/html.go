package mail

import (
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

const maxHTML = 1 << 20 // bytes that are read of an HTML part

// htmlText returns the text of an HTML part without the history that mail programs quote. If
// nothing is left, it returns the whole text.
func htmlText(source string, forwarded bool) string {
	source = clip(strings.ToValidUTF8(source, "\uFFFD"), maxHTML)
	root, err := html.Parse(strings.NewReader(source))
	if err != nil { // it is nested too deeply
		return tidy(withoutTags(source))
	}
	w := &htmlWriter{skipQuotes: true, forwarded: forwarded}
	w.node(root)
	if text := tidy(w.out.String()); text != "" {
		return text
	}
	w = &htmlWriter{forwarded: forwarded}
	w.node(root)
	return tidy(w.out.String())
}

// withoutTags returns the text between the tags of HTML that cannot be parsed.
func withoutTags(source string) string {
	var out strings.Builder
	for z := html.NewTokenizer(strings.NewReader(source)); ; {
		switch z.Next() {
		case html.ErrorToken:
			return out.String()
		case html.TextToken:
			out.WriteString(html.UnescapeString(string(z.Text())))
			out.WriteByte(' ')
		}
	}
}

// htmlWriter writes the text of HTML nodes.
type htmlWriter struct {
	out        strings.Builder
	skipQuotes bool
	forwarded  bool // the history is what the mail is about, so it is no quote
	ended      bool // the rest is quoted
	kept       int  // the depth of elements whose blanks are kept
	depth      int  // of quotes
	last       byte // that was written
}

func (w *htmlWriter) node(n *html.Node) {
	switch {
	case w.ended:
	case n.Type == html.TextNode:
		w.text(n.Data)
	case n.Type == html.ElementNode:
		w.element(n)
	case n.Type == html.DocumentNode:
		w.children(n)
	}
}

func (w *htmlWriter) children(n *html.Node) {
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		w.node(c)
	}
}

func (w *htmlWriter) element(n *html.Node) {
	if isHidden(n) {
		return
	}
	if w.skipQuotes {
		switch quoteOf(n, w.forwarded) {
		case quotedNode:
			return
		case quotedRest:
			w.ended = true
			return
		}
	}
	switch n.DataAtom {
	case atom.Br:
		w.write("\n")
	case atom.A:
		w.link(n)
	case atom.Blockquote:
		w.blockquote(n)
	case atom.Pre, atom.Textarea:
		w.kept++
		w.block(n, "\n")
		w.kept--
	case atom.Li:
		w.fresh("\n")
		w.write("- ")
		w.children(n)
		w.fresh("\n")
	case atom.P, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6, atom.Ul, atom.Ol, atom.Table, atom.Hr:
		w.block(n, "\n\n")
	case atom.Div, atom.Tr, atom.Section, atom.Article, atom.Header, atom.Footer, atom.Dl, atom.Dt, atom.Dd, atom.Address, atom.Body:
		w.block(n, "\n")
	case atom.Td, atom.Th:
		w.children(n)
		w.text(" ")
	default:
		w.children(n)
	}
}

// blockquote marks a quote as in plain text, so that the rules of plain text apply to it.
func (w *htmlWriter) blockquote(n *html.Node) {
	const deepest = 10 // older quotes are marked like this one
	if w.depth == deepest {
		w.block(n, "\n")
		return
	}
	inner := &htmlWriter{skipQuotes: w.skipQuotes, forwarded: w.forwarded, depth: w.depth + 1}
	inner.children(n)
	w.ended = inner.ended
	w.fresh("\n")
	if text := tidy(inner.out.String()); text != "" {
		w.write("> " + strings.ReplaceAll(text, "\n", "\n> ") + "\n")
	}
}

// link writes the text of a link and, where they differ, its address.
func (w *htmlWriter) link(n *html.Node) {
	before := w.out.Len()
	w.children(n)
	address := attribute(n, "href")
	if !strings.HasPrefix(address, "https://") && !strings.HasPrefix(address, "http://") {
		return
	}
	text := strings.TrimSpace(w.out.String()[before:])
	if text != "" && strings.TrimSuffix(text, "/") != strings.TrimSuffix(address, "/") && !strings.Contains(text, "://") {
		w.write(" (" + clean(address) + ")")
	}
}

func (w *htmlWriter) block(n *html.Node, gap string) {
	w.fresh(gap)
	w.children(n)
	w.fresh(gap)
}

// fresh begins a new line, or a new paragraph if the gap has two.
func (w *htmlWriter) fresh(gap string) {
	if w.last != 0 && (w.last != '\n' || len(gap) > 1) {
		w.write(gap)
	}
}

func (w *htmlWriter) text(text string) {
	if w.kept > 0 {
		w.write(text)
		return
	}
	words := strings.FieldsFunc(text, func(r rune) bool { return r == ' ' || r == '\t' || r == '\n' || r == '\r' || r == '\f' })
	leads := text != "" && strings.ContainsRune(" \t\n\r\f", rune(text[0]))
	if leads && w.last != 0 && w.last != '\n' && w.last != ' ' {
		w.write(" ")
	}
	if len(words) == 0 {
		return
	}
	w.write(strings.Join(words, " "))
	if strings.ContainsRune(" \t\n\r\f", rune(text[len(text)-1])) {
		w.write(" ")
	}
}

func (w *htmlWriter) write(text string) {
	if text != "" {
		w.out.WriteString(text)
		w.last = text[len(text)-1]
	}
}

// isHidden reports whether readers do not see an element.
func isHidden(n *html.Node) bool {
	switch n.DataAtom {
	case atom.Head, atom.Script, atom.Style, atom.Title, atom.Template, atom.Noscript, atom.Object, atom.Svg:
		return true
	}
	style := strings.ReplaceAll(strings.ToLower(attribute(n, "style")), " ", "")
	return strings.Contains(style, "display:none")
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Namespace == "" && a.Key == name {
			return a.Val
		}
	}
	return ""
}

// asHTML returns plain text as HTML.
func asHTML(text string) string {
	if text == "" {
		return ""
	}
	return "<pre>" + html.EscapeString(text) + "</pre>"
}
