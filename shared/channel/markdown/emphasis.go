package markdown

import (
	"unicode"
	"unicode/utf8"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
)

// spaceless reads emphasis in scripts without spaces between words. CommonMark reads the
// second mark in "**重点：**内容" as one that opens, because punctuation is before it and a
// letter after it; models write it as one that closes.
type spaceless struct{ parser.InlineParser }

// Parse reads a mark. Beside a character of these scripts it can open and close, unless white
// space forbids it.
func (s spaceless) Parse(parent ast.Node, block text.Reader, pc parser.Context) ast.Node {
	before := block.PrecendingCharacter()
	n := s.InlineParser.Parse(parent, block, pc)
	d, ok := n.(*parser.Delimiter)
	if !ok || d.Char != '*' {
		return n
	}
	line, _ := block.PeekLine()
	after, size := utf8.DecodeRune(line)
	if unicode.In(before, scripts...) || unicode.In(after, scripts...) {
		d.CanOpen = d.CanOpen || size > 0 && !unicode.IsSpace(after)
		d.CanClose = d.CanClose || !unicode.IsSpace(before)
	}
	return n
}

var scripts = []*unicode.RangeTable{unicode.Han, unicode.Hiragana, unicode.Katakana}
