package split

import (
	"unicode"
	"unicode/utf8"

	"github.com/clipperhouse/uax29/v2/graphemes"
)

// piece is a text that is not cut: a grapheme cluster that is no white space, or a code point
// of one that exceeds the limit.
type piece struct {
	from, to   int  // in the text, in bytes
	begin, end int  // in the text, in the limit's unit
	inner      bool // it continues a cluster that exceeds the limit
}

// piecesOf returns the pieces of a text without the white space between them.
func piecesOf(text string, limit Limit) []piece {
	pieces := make([]piece, 0, len(text))
	from, begin := 0, 0
	add := func(unit string, inner bool) {
		p := piece{from: from, to: from + len(unit), begin: begin, end: begin + limit.Unit.length(unit), inner: inner}
		from, begin = p.to, p.end
		if !blank(unit) {
			pieces = append(pieces, p)
		}
	}
	for clusters := graphemes.FromString(text); clusters.Next(); {
		cluster := clusters.Value()
		if limit.Unit.length(cluster) <= limit.N {
			add(cluster, false)
			continue
		}
		for i, r := range cluster {
			add(cluster[i:i+utf8.RuneLen(r)], i > 0)
		}
	}
	return pieces
}

// blank reports whether a text is white space.
func blank(text string) bool {
	for _, r := range text {
		if !unicode.IsSpace(r) {
			return false
		}
	}
	return true
}
