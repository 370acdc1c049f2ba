package markdown

import (
	"bytes"
	"strings"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/util"
)

// maxReference is the longest reference to a character, such as "&amp;", in bytes.
const maxReference = 33

// literal returns the text that a piece of the source stands for, with its escapes and its
// references to characters resolved.
func literal(source []byte) string {
	var b strings.Builder
	for len(source) > 0 {
		n := 1
		switch end := bytes.IndexByte(source[:min(len(source), maxReference)], ';'); {
		case source[0] == '\\' && len(source) > 1 && util.IsPunct(source[1]):
			b.WriteByte(source[1])
			n = 2
		case source[0] == '&' && end > 0:
			n = end + 1
			resolved := util.ResolveNumericReferences(source[:n])
			if bytes.Equal(resolved, source[:n]) {
				resolved = util.ResolveEntityNames(resolved)
			}
			if bytes.Equal(resolved, source[:n]) {
				n = 1
				resolved = source[:n]
			}
			b.Write(resolved)
		default:
			b.WriteByte(source[0])
		}
		source = source[n:]
	}
	return b.String()
}

// words returns the text of a node of text, with the line break after it.
func words(n *ast.Text, source []byte) string {
	s := string(n.Segment.Value(source))
	if !n.IsRaw() {
		s = literal(n.Segment.Value(source))
	}
	if n.SoftLineBreak() || n.HardLineBreak() {
		return s + "\n"
	}
	return s
}

// codeSpan returns the code of a line of text.
func codeSpan(n ast.Node, source []byte) string {
	var b strings.Builder
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		if t, ok := c.(*ast.Text); ok {
			b.Write(t.Segment.Value(source))
		}
	}
	return strings.ReplaceAll(b.String(), "\n", " ")
}

// codeBlock returns the lines of fenced or indented code, without the last line break.
func codeBlock(n ast.Node, source []byte) string {
	return strings.TrimSuffix(string(n.Lines().Value(source)), "\n")
}

// unruled returns the lines of a paragraph. Those of a table lose the line under its head and
// the bars at their ends.
func unruled(paragraph string) []string {
	all := strings.Split(paragraph, "\n")
	if len(all) < 2 || !isRule(all[1]) {
		return all
	}
	var rows []string
	for i, row := range all {
		if i == 1 {
			continue
		}
		row = strings.TrimSpace(row)
		rows = append(rows, strings.TrimSpace(strings.TrimSuffix(strings.TrimPrefix(row, "|"), "|")))
	}
	return rows
}

// isRule reports whether a line is the one under the head of a table, as in "|---|:-:|".
func isRule(line string) bool {
	return strings.Contains(line, "|") && strings.Contains(line, "-") && strings.Trim(line, "|:- \t") == ""
}
