// Package markdown writes what a model answers in the form of a channel. Models write
// Markdown, which most channels show with its marks: WhatsApp has marks of its own, SMS has
// none, and mail has HTML.
//
// An answer of more than 64 KiB is not read as Markdown. No word of an answer is lost. The only texts that are not written are the language of
// fenced code, the lines under the heads of tables, and rules between sections.
package markdown

import (
	"html"
	"regexp"
	"strings"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// WhatsApp returns an answer with WhatsApp's marks: *bold*, _italic_, ~strike~, `code` and
// fenced code. It leaves out a mark that WhatsApp would show as it is, such as one inside a
// word.
func WhatsApp(answer string) string {
	return writeText(answer, marks{strong: "*", emphasis: "_", strike: "~", code: "`", fence: "```"})
}

// Plain returns an answer without marks, for SMS, Instagram and Messenger. Lists and quotes
// keep theirs, which are usual in plain text.
func Plain(answer string) string { return writeText(answer, marks{}) }

// HTML returns an answer as a fragment of HTML, for mail. HTML in the answer is shown and not
// interpreted, and only addresses of the web and of mail become links.
func HTML(answer string) string {
	if len(answer) > maxAnswer {
		return "<p>" + strings.ReplaceAll(html.EscapeString(valid(answer)), "\n", "<br>\n") + "</p>"
	}
	root, source := parse(answer)
	w := htmlWriter{source: source}
	w.blocks(root)
	return strings.TrimSuffix(w.out.String(), "\n")
}

// parse reads CommonMark, with links without marks and text that is struck out. It does not
// read what chats do not need and what would lose or change text: HTML, definitions of links,
// and headings that are underlined.
func parse(answer string) (ast.Node, []byte) {
	source := []byte(valid(answer))
	return commonMark.Parse(text.NewReader(source)), source
}

// maxAnswer is the longest answer that is read as Markdown, in bytes: the time for deeply
// nested Markdown grows with the square of its length.
const maxAnswer = 64 << 10

// valid returns a text with valid UTF-8 and line feeds at the ends of its lines.
func valid(text string) string { return lines.Replace(strings.ToValidUTF8(text, "\uFFFD")) }

var lines = strings.NewReplacer("\r\n", "\n", "\r", "\n")

var commonMark = parser.NewParser(
	parser.WithBlockParsers(
		util.Prioritized(parser.NewThematicBreakParser(), 200),
		util.Prioritized(parser.NewListParser(), 300),
		util.Prioritized(parser.NewListItemParser(), 400),
		util.Prioritized(parser.NewCodeBlockParser(), 500),
		util.Prioritized(parser.NewATXHeadingParser(), 600),
		util.Prioritized(parser.NewFencedCodeBlockParser(), 700),
		util.Prioritized(parser.NewBlockquoteParser(), 800),
		util.Prioritized(parser.NewParagraphParser(), 1000),
	),
	parser.WithInlineParsers(
		util.Prioritized(parser.NewCodeSpanParser(), 100),
		util.Prioritized(parser.NewLinkParser(), 200),
		util.Prioritized(parser.NewAutoLinkParser(), 300),
		util.Prioritized(spaceless{parser.NewEmphasisParser()}, 500),
		util.Prioritized(extension.NewStrikethroughParser(), 500),
		util.Prioritized(extension.NewLinkifyParser(extension.WithLinkifyURLRegexp(bareURL)), 999),
	),
)

// bareURL is a URL in a text. It may have letters of European scripts beyond ASCII, but none
// of scripts that are written without spaces, in which the text could go on after it.
var bareURL = regexp.MustCompile(`^https?://[-A-Za-z0-9._~:/?#@!$&()*+,;=%\p{Latin}\p{Greek}\p{Cyrillic}]+`)
