package template

import (
	"strings"
	"unicode/utf8"
)

// grammar follows the text of a template and knows where its values stand.
type grammar interface {
	// literal reads a piece of the text. A problem is at the returned offset.
	literal(text string) (offset int, problem string)

	// value reads a value.
	value() (encoding, string)

	// mark describes where the text is. A section must end where it begins, so that the
	// result has the same structure for any number of repetitions.
	mark() (where, problem string)

	// end reads the end of the text.
	end() string
}

func (k Kind) grammar() grammar {
	switch k {
	case JSON:
		return newDocument()
	case URL:
		return &address{}
	case Header:
		return &plain{line: true, encode: inHeader}
	case Form:
		return &plain{encode: inQuery}
	}
	return &plain{encode: inText}
}

// Parse parses a template. Its error is an *Error.
func Parse(kind Kind, text string) (*Template, error) {
	switch {
	case len(text) > MaxText:
		return nil, place{1, 1}.error("the template is longer than %d bytes", MaxText)
	case !utf8.ValidString(text):
		return nil, place{1, 1}.error("the template is not valid UTF-8")
	}
	tokens, err := scan(text)
	if err != nil {
		return nil, err
	}
	p := parser{text: text, tokens: tokens, grammar: kind.grammar()}
	nodes, err := p.nodes(nil)
	if err != nil {
		return nil, err
	}
	if problem := p.grammar.end(); problem != "" {
		return nil, placeOf(text, len(text)).error("%s", problem)
	}
	return &Template{kind: kind, nodes: nodes}, nil
}

type parser struct {
	text    string
	tokens  []token
	next    int
	tags    int
	depth   int
	grammar grammar
}

// nodes reads up to the end of a section, or of the text if there is none.
func (p *parser) nodes(within *token) ([]node, *Error) {
	var all []node
	for p.next < len(p.tokens) {
		t := p.tokens[p.next]
		p.next++
		if !t.tag {
			if offset, problem := p.grammar.literal(t.text); problem != "" {
				return nil, placeOf(p.text, t.start+offset).error("%s", problem)
			}
			all = append(all, node{is: literal, text: t.text, at: placeOf(p.text, t.start)})
			continue
		}
		if t.sigil == '!' {
			continue
		}
		at := placeOf(p.text, t.start)
		if p.tags++; p.tags > maxTags {
			return nil, at.error("the template has more than %d tags", maxTags)
		}
		if t.sigil == '/' {
			if within == nil || within.text != t.text {
				return nil, at.error("{{/%s}} closes no section", t.text)
			}
			return all, nil
		}
		n, err := p.tag(t, at)
		if err != nil {
			return nil, err
		}
		all = append(all, n)
	}
	if within != nil {
		return nil, placeOf(p.text, within.start).error("the section %s is not closed", within.text)
	}
	return all, nil
}

// tag reads a value or a section with what it contains.
func (p *parser) tag(t token, at place) (node, *Error) {
	n := node{at: at, name: splitName(t.text)}
	if t.sigil == 0 {
		encode, problem := p.grammar.value()
		if problem != "" {
			return n, at.error("%s", problem)
		}
		n.is, n.encode = value, encode
		return n, nil
	}
	n.is = section
	if t.sigil == '^' {
		n.is = inverted
	}
	before, problem := p.grammar.mark()
	if problem != "" {
		return n, at.error("%s", problem)
	}
	if p.depth++; p.depth > maxDepth {
		return n, at.error("the sections are nested deeper than %d", maxDepth)
	}
	children, err := p.nodes(&t)
	if err != nil {
		return n, err
	}
	p.depth--
	n.children = children
	after, problem := p.grammar.mark()
	if problem == "" && after != before {
		problem = "the section " + t.text + " must end where it begins, for example with the same brackets open and a comma before each entry"
	}
	if problem != "" {
		return n, placeOf(p.text, p.tokens[p.next-1].start).error("%s", problem)
	}
	return n, nil
}

func splitName(text string) []string {
	if text == "." {
		return nil
	}
	return strings.Split(text, ".")
}
