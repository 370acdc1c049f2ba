package template

import (
	"strings"
	"unicode/utf8"
)

const open, closing = "{{", "}}"

// token is a piece of the text: a literal, or a tag with its sigil (0 for a value).
type token struct {
	tag        bool
	sigil      byte
	text       string // a literal, or a tag's name
	start, end int    // offsets in the text
}

// scan splits a text into tokens. Lines that have nothing but a section's tag or a comment
// leave no line behind, as Mustache's specification says.
func scan(text string) ([]token, *Error) {
	var all []token
	at := 0
	for {
		i := strings.Index(text[at:], open)
		if i < 0 {
			break
		}
		begin := at + i
		length := strings.Index(text[begin:], closing)
		if length < 0 {
			return nil, placeOf(text, begin).error("the tag is not closed with }}")
		}
		end := begin + length + len(closing)
		if begin > at {
			all = append(all, token{text: text[at:begin], start: at, end: begin})
		}
		t, problem := readTag(text[begin+len(open) : end-len(closing)])
		if problem != "" {
			return nil, placeOf(text, begin).error("%s", problem)
		}
		t.start, t.end = begin, end
		all = append(all, t)
		at = end
	}
	if at < len(text) {
		all = append(all, token{text: text[at:], start: at, end: len(text)})
	}
	return trimLines(all), nil
}

// readTag reads what stands between the braces of a tag.
func readTag(inner string) (t token, problem string) {
	t.tag = true
	inner = strings.TrimSpace(inner)
	if inner != "" && strings.IndexByte("#^/!>={&<$", inner[0]) >= 0 {
		t.sigil, inner = inner[0], strings.TrimSpace(inner[1:])
	}
	switch t.sigil {
	case '!':
		return t, ""
	case '{', '&':
		return t, "a value is always encoded for where it stands: write {{name}}"
	case '>', '<', '$':
		return t, "a template cannot include other templates"
	case '=':
		return t, "the delimiters cannot be changed"
	}
	switch {
	case inner == "":
		return t, "the tag has no name"
	case len(inner) > maxName:
		return t, "the name is too long"
	case strings.ContainsAny(inner, " \t\r\n{}"):
		return t, "the name has a blank or a brace"
	case inner != "." && (strings.HasPrefix(inner, ".") || strings.HasSuffix(inner, ".") || strings.Contains(inner, "..")):
		return t, "the name has an empty part"
	}
	t.text = inner
	return t, ""
}

// trimLines removes the rest of the lines of tags that stand alone.
func trimLines(all []token) []token {
	type trim struct{ left, right int }
	trims := make([]trim, len(all))
	for i, t := range all {
		if !t.tag || t.sigil == 0 {
			continue
		}
		right, alone := 0, i == 0
		if i > 0 && !all[i-1].tag {
			before := all[i-1].text
			line := before[strings.LastIndexByte(before, '\n')+1:]
			right, alone = len(line), strings.Trim(line, " \t") == "" && (len(line) < len(before) || i == 1)
		}
		left, last := 0, i == len(all)-1
		if !last && !all[i+1].tag {
			after := all[i+1].text
			left = strings.IndexByte(after, '\n') + 1
			if left == 0 && i == len(all)-2 {
				left = len(after)
			}
			last = left > 0 && strings.Trim(after[:left], " \t\r\n") == ""
		}
		if !alone || !last {
			continue
		}
		if right > 0 {
			trims[i-1].right = right
		}
		if left > 0 {
			trims[i+1].left = left
		}
	}
	kept := all[:0]
	for i, t := range all {
		t.text = t.text[trims[i].left : len(t.text)-trims[i].right]
		t.start += trims[i].left
		if t.tag || t.text != "" {
			kept = append(kept, t)
		}
	}
	return kept
}

// placeOf returns the place of an offset.
func placeOf(text string, offset int) place {
	before := text[:offset]
	return place{
		line:   strings.Count(before, "\n") + 1,
		column: utf8.RuneCountInString(before[strings.LastIndexByte(before, '\n')+1:]) + 1,
	}
}
