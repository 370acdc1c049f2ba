package template

import (
	"slices"
	"strconv"
	"strings"
)

// Render returns the template with the values of data, which is JSON as encoding/json
// decodes it: map[string]any, []any, string, bool, json.Number or float64, nil. A name
// without a value is empty, and null as a JSON value.
//
// Its error is an *Error: the result is longer than MaxOutput, or than MaxLine, or a value would change the
// path of a URL because a segment becomes empty, "." or "..".
func (t *Template) Render(data any) (string, error) {
	w := writer{from: []any{data}, limit: MaxOutput}
	if t.kind == URL || t.kind == Header {
		w.limit = MaxLine
	}
	if err := w.write(t.nodes); err != nil {
		return "", err
	}
	out := w.out.String()
	for _, s := range w.segments {
		if err := s.check(out); err != nil {
			return "", err
		}
	}
	return out, nil
}

// writer renders a template.
type writer struct {
	out      strings.Builder
	limit    int   // bytes
	from     []any // the data, and what the open sections are about
	steps    int
	segments []span
}

// span is where a value of a path was written.
type span struct {
	start, end int
	node       node
}

// same reports whether the last span is at the same place: repeated empty values.
func (s span) same(all []span) bool {
	return len(all) > 0 && all[len(all)-1].start == s.start && all[len(all)-1].end == s.end
}

func (w *writer) write(nodes []node) *Error {
	for _, n := range nodes {
		if n.is == literal {
			w.out.WriteString(n.text)
		} else {
			if w.steps += 1 + len(n.name)/namesAStep; w.steps > maxSteps {
				return n.at.error("the sections repeat too often")
			}
			if err := w.tag(n); err != nil {
				return err
			}
		}
		if w.out.Len() > w.limit {
			return n.at.error("the result is longer than %d bytes", w.limit)
		}
	}
	return nil
}

func (w *writer) tag(n node) *Error {
	v := w.find(n.name)
	switch n.is {
	case value:
		text, err := n.encode.of(v)
		if err != nil {
			return n.at.error("the value of %s is not JSON", n.full())
		}
		start := w.out.Len()
		w.out.WriteString(text)
		if s := (span{start, w.out.Len(), n}); n.encode == inSegment && !s.same(w.segments) {
			w.segments = append(w.segments, s)
		}
		return nil
	case inverted:
		if isEmpty(v) {
			return w.write(n.children)
		}
		return nil
	}
	if isEmpty(v) {
		return nil
	}
	list, ok := v.([]any)
	if !ok {
		list = []any{v}
	}
	for _, entry := range list {
		if w.steps++; w.steps > maxSteps {
			return n.at.error("the sections repeat too often")
		}
		w.from = append(w.from, entry)
		err := w.write(n.children)
		w.from = w.from[:len(w.from)-1]
		if err != nil {
			return err
		}
	}
	return nil
}

// find returns the value of a name: its first part is searched from the innermost section
// outwards, the others are members of it, or positions in a list from 0.
func (w *writer) find(name []string) any {
	if len(name) == 0 {
		return w.from[len(w.from)-1]
	}
	for _, from := range slices.Backward(w.from) {
		if v, ok := member(from, name[0]); ok {
			for _, part := range name[1:] {
				v, _ = member(v, part)
			}
			return v
		}
	}
	return nil
}

func member(of any, name string) (any, bool) {
	switch of := of.(type) {
	case map[string]any:
		v, ok := of[name]
		return v, ok
	case []any:
		if i, err := strconv.Atoi(name); err == nil && i >= 0 && i < len(of) {
			return of[i], true
		}
	}
	return nil, false
}

// isEmpty reports whether a section about a value is left out.
func isEmpty(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case bool:
		return !v
	case string:
		return v == ""
	case []any:
		return len(v) == 0
	}
	return false
}

// check returns an error if the value makes a segment of the path that means another path.
func (s span) check(out string) *Error {
	begin := strings.LastIndexByte(out[:s.start], '/') + 1
	end := len(out)
	if i := strings.IndexAny(out[s.end:], "/?#"); i >= 0 {
		end = s.end + i
	}
	segment := strings.ReplaceAll(strings.ReplaceAll(out[begin:end], "%2e", "."), "%2E", ".")
	switch segment {
	case "", ".", "..":
		return s.node.at.error("the value of %s would change the path of the URL: it must not be empty, . or ..", s.node.full())
	}
	return nil
}
