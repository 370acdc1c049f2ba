package split

import (
	"slices"
	"strings"
)

const fence = "```"

// fencesOf returns where the fenced code of a text begins and ends, in bytes: after the start
// of the opening fence, and at the closing one.
func fencesOf(text string) [][2]int {
	if !strings.Contains(text, fence) {
		return nil
	}
	var fences [][2]int
	at, opened := 0, -1
	for l := range strings.Lines(text) {
		if start := strings.TrimLeft(l, " \t"); isFence(start) {
			switch fenceAt := at + len(l) - len(start); opened {
			case -1:
				opened = fenceAt
			default:
				fences = append(fences, [2]int{opened, fenceAt})
				opened = -1
			}
		}
		at += len(l)
	}
	if opened >= 0 {
		fences = append(fences, [2]int{opened, len(text)})
	}
	return fences
}

// isFence reports whether a line without its indentation opens or closes fenced code. Code
// that ends on the line where it begins needs no fence.
func isFence(start string) bool {
	after, ok := strings.CutPrefix(start, fence)
	return ok && !strings.Contains(strings.TrimLeft(after, "`"), "`")
}

// fenced reports whether the white space between two offsets is in fenced code, and whether it
// is at an edge: a fence without code stands on one side of it.
func (b boundaries) fenced(end, start int) (in, edge bool) {
	i, found := slices.BinarySearchFunc(b.fences, start, func(f [2]int, offset int) int { return f[0] - offset })
	if found || i == 0 || start > b.fences[i-1][1] {
		return false, false
	}
	f := b.fences[i-1]
	return true, start == f[1] || !strings.Contains(b.text[f[0]:end], "\n")
}
