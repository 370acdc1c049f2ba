package split

import (
	"slices"
	"unicode"
	"unicode/utf8"

	"github.com/clipperhouse/uax29/v2/sentences"
)

// boundary is a kind of place between two pieces. A greater one is a better place to cut.
type boundary int

const (
	inside   boundary = iota // of a grapheme cluster that exceeds the limit
	cluster                  // inside a word, or between a fence and its code
	word                     // between words; in Chinese and Japanese, between most characters
	code                     // between lines of fenced code
	sentence                 // between sentences
	line
	paragraph
)

// boundaries finds the kinds of the boundaries of a text.
type boundaries struct {
	text      string
	pieces    []piece
	sentences []int    // where sentences begin, in bytes, in order
	fences    [][2]int // where fenced code begins and ends, in bytes, in order
}

func boundariesOf(text string, pieces []piece) boundaries {
	b := boundaries{text: text, pieces: pieces, fences: fencesOf(text)}
	for all := sentences.FromString(text); all.Next(); {
		b.sentences = append(b.sentences, all.Start())
	}
	return b
}

// before returns the kind of the boundary before piece i, which is not the first one.
func (b boundaries) before(i int) boundary {
	last, next := b.pieces[i-1], b.pieces[i]
	if next.inner {
		return inside
	}
	gap := b.text[last.to:next.from]
	lines := newlines(gap)
	fenced, edge := b.fenced(last.to, next.from)
	switch {
	case lines > 0 && edge:
		return cluster
	case lines > 0 && fenced:
		return code
	case lines > 1:
		return paragraph
	case lines == 1:
		return line
	case !fenced && b.beginsSentence(last.to, next.from):
		return sentence
	case gap != "" || wordless(b.text[last.from:last.to], b.text[next.from:next.to]):
		return word
	}
	return cluster
}

// newlines counts the line breaks in a gap; a paragraph separator counts as two.
func newlines(gap string) int {
	n, after := 0, rune(0)
	for _, r := range gap {
		switch {
		case r == '\u2029':
			n += 2
		case r == '\n' && after == '\r':
		case r == '\n', r == '\r', r == '\u0085', r == '\u2028':
			n++
		}
		after = r
	}
	return n
}

// beginsSentence reports whether a sentence begins after the end of a piece and not after the
// start of the next one.
func (b boundaries) beginsSentence(end, start int) bool {
	i, _ := slices.BinarySearch(b.sentences, end)
	return i < len(b.sentences) && b.sentences[i] <= start
}

// wordless reports whether two clusters are of a script without spaces between words and may
// stand on different lines.
func wordless(last, next string) bool {
	before, _ := utf8.DecodeRuneInString(last)
	after, _ := utf8.DecodeRuneInString(next)
	if !unicode.In(before, spaceless...) && !unicode.In(after, spaceless...) {
		return false
	}
	return !unicode.In(before, unicode.Ps, unicode.Pi) && !unicode.In(after, unicode.Pe, unicode.Pf, unicode.Po, unicode.Lm)
}

var spaceless = []*unicode.RangeTable{unicode.Han, unicode.Hiragana, unicode.Katakana}
