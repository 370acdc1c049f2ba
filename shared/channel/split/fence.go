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

// fenced reports whether the byte at an offset is in fenced code or its closing fence.
func (b boundaries) fenced(offset int) bool {
	i, found := slices.BinarySearchFunc(b.fences, offset, func(f [2]int, offset int) int { return f[0] - offset })
	return !found && i > 0 && offset <= b.fences[i-1][1]
}
