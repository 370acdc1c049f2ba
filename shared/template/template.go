// Package template renders Mustache templates over JSON data: URLs, headers and bodies of
// requests, and texts. A Template is parsed once, when somebody saves it. Parse decides for
// each value where it stands: in a string of a JSON document, as a JSON value, in the path
// or the query of a URL, in a header, or in plain text. Render encodes the value for that
// place and never reads it as a template, so no value can change the structure around it.
//
// Of Mustache it has values, sections, inverted sections and comments. It has no partials,
// no lambdas, no other delimiters and no value without encoding. An *Error has the place of
// the mistake.
package template

import "fmt"

// Kind is the format that a template produces.
type Kind int

// The kinds.
const (
	Text   Kind = iota // plain text
	JSON               // one JSON document
	URL                // an http or https URL with a fixed scheme and host
	Header             // the value of a header: one line
	Form               // application/x-www-form-urlencoded
)

// The limits of a template and of what it produces.
const (
	MaxText   = 64 << 10 // bytes of a template
	MaxOutput = 1 << 20  // bytes that Render returns
	MaxLine   = 8 << 10  // bytes of a URL or a header that Render returns
	maxTags   = 1000
	maxDepth  = 16      // of sections
	maxSteps  = 100_000 // values and sections that Render visits
	maxName   = 200     // bytes of a value's name

	// namesAStep is how many parts of a name take as long as a value with a short name.
	namesAStep = 4
)

// Template is a parsed template. It is immutable.
type Template struct {
	kind  Kind
	nodes []node
}

// Error is a mistake in a template, or a value that does not fit into it.
type Error struct {
	Line, Column int // of the template, from 1; columns count characters
	Problem      string
}

// Error implements error.
func (e *Error) Error() string {
	return fmt.Sprintf("line %d, column %d: %s", e.Line, e.Column, e.Problem)
}

// place is a position in the text of a template.
type place struct{ line, column int }

func (p place) error(format string, args ...any) *Error {
	return &Error{Line: p.line, Column: p.column, Problem: fmt.Sprintf(format, args...)}
}

// node is a part of a template.
type node struct {
	is       sort
	text     string   // of a literal
	name     []string // of the others; empty: the value that the section is about
	at       place
	encode   encoding // of a value
	children []node   // of a section
}

// sort is the sort of a node.
type sort int

const (
	literal sort = iota
	value
	section
	inverted
)

func (n node) full() string {
	if len(n.name) == 0 {
		return "."
	}
	s := n.name[0]
	for _, part := range n.name[1:] {
		s += "." + part
	}
	return s
}
