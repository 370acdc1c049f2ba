// Package split cuts a long answer into messages of a channel.
//
// Some providers charge for each message, so Text makes as few parts as possible, and then
// chooses the best places to cut among those that keep this number: between paragraphs,
// lines, sentences or words. A part never begins or ends inside a character as people see it
// (a grapheme cluster), such as an emoji of several code points.
//
// The package knows no Markdown except fenced code, which it cuts only if the better places
// are too far away. The fence is not repeated.
package split

import "strings"

// Text cuts a text into the smallest number of parts that the limit allows. White space at
// both ends of a part is dropped, and invalid UTF-8 is replaced by U+FFFD, as JSON does;
// everything else is kept. A text of white space has no parts. Only a grapheme cluster that
// exceeds the limit on its own is cut, between its code points.
func Text(text string, limit Limit) []string {
	text = strings.ToValidUTF8(text, "\uFFFD")
	pieces := piecesOf(text, limit)
	if len(pieces) == 0 {
		return nil
	}
	starts := latestStarts(pieces, limit.N)
	if len(starts) == 1 {
		return []string{text[pieces[0].from:pieces[len(pieces)-1].to]}
	}
	cuts := boundariesOf(text, pieces)
	parts := make([]string, 0, len(starts))
	first := 0
	for left := len(starts) - 2; left >= 0; left-- {
		next := bestCut(cuts, pieces, first, starts[left], limit.N)
		parts = append(parts, text[pieces[first].from:pieces[next-1].to])
		first = next
	}
	return append(parts, text[pieces[first].from:pieces[len(pieces)-1].to])
}

// latestStarts returns at index k the first piece of the longest end of the text that fits
// into k+1 parts. The last one is 0, so the number of starts is the smallest number of parts.
func latestStarts(pieces []piece, n int) []int {
	var starts []int
	for end := len(pieces); end > 0; {
		start := end - 1
		for start > 0 && fits(pieces, start-1, end, n) {
			start--
		}
		starts = append(starts, start)
		end = start
	}
	return starts
}

// fits reports whether the pieces from first up to end, which is excluded, are at most n units
// with the white space between them.
func fits(pieces []piece, first, end, n int) bool {
	return pieces[end-1].end-pieces[first].begin <= n
}

// bestCut returns the piece that the next part begins with: not before the given start, so
// that the rest fits into the parts that are left, and so that the pieces before it fit into
// one. Among boundaries of the same kind it is the last one.
func bestCut(cuts boundaries, pieces []piece, first, start, n int) int {
	best, next := inside, max(start, first+1)
	for i := next; i < len(pieces) && fits(pieces, first, i, n); i++ {
		if b := cuts.before(i); b >= best {
			best, next = b, i
		}
	}
	return next
}
