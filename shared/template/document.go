package template

import (
	"encoding/json"
	"strings"
)

// document is the grammar of JSON: the states of its reader, with values between the
// literals. What it accepts is valid JSON for all values and all repetitions of sections.
type document struct {
	brackets []byte // open ones
	next     expected
	token    piece
	name     bool   // the string is a member's name
	word     []byte // a number, true, false or null that is being read
	digits   int    // of \uXXXX that are still to come
}

// expected is what may come between two tokens.
type expected byte

const (
	aValue      expected = 'v'
	valueOrEnd  expected = 'V' // behind [
	aName       expected = 'n'
	nameOrEnd   expected = 'N' // behind {
	aColon      expected = ':'
	commaOrEnd  expected = ','
	nothingMore expected = '.'
)

// piece is the token that is being read.
type piece byte

const (
	between piece = iota
	aString
	anEscape
	aWord
)

const maxBrackets = 100

func newDocument() *document { return &document{next: aValue} }

func (d *document) literal(text string) (int, string) {
	for i := range len(text) {
		if problem := d.read(text[i]); problem != "" {
			return i, problem
		}
	}
	return 0, ""
}

func (d *document) read(c byte) string {
	switch d.token {
	case aString:
		switch {
		case c < ' ':
			return "a JSON string cannot have a line break or a control character: write \\n"
		case c == '\\':
			d.token = anEscape
		case c == '"':
			d.token = between
			if d.name {
				d.next = aColon
			} else {
				d.valueEnded()
			}
		}
		return ""
	case anEscape:
		switch {
		case d.digits > 0 && isHex(c):
			if d.digits--; d.digits == 0 {
				d.token = aString
			}
		case d.digits == 0 && c == 'u':
			d.digits = 4
		case d.digits == 0 && strings.IndexByte(`"\/bfnrt`, c) >= 0:
			d.token = aString
		default:
			return "the escape in the JSON string is unknown"
		}
		return ""
	case aWord:
		if isWord(c) {
			d.word = append(d.word, c)
			return ""
		}
		if problem := d.wordEnded(); problem != "" {
			return problem
		}
	}
	return d.readBetween(c)
}

func isWord(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'z' || c == '-' || c == '+' || c == '.'
}

// readBetween reads a byte between two tokens.
func (d *document) readBetween(c byte) string {
	wantsValue := d.next == aValue || d.next == valueOrEnd
	wantsName := d.next == aName || d.next == nameOrEnd
	switch {
	case c == ' ' || c == '\t' || c == '\r' || c == '\n':
	case c == '"' && (wantsValue || wantsName):
		d.token, d.name = aString, wantsName
	case (c == '{' || c == '[') && wantsValue:
		if len(d.brackets) == maxBrackets {
			return "the JSON is nested too deeply"
		}
		d.brackets = append(d.brackets, c)
		if d.next = valueOrEnd; c == '{' {
			d.next = nameOrEnd
		}
	case c == ':' && d.next == aColon:
		d.next = aValue
	case c == ',' && d.next == commaOrEnd:
		if d.next = aValue; d.within('{') {
			d.next = aName
		}
	case c == '}' && d.within('{') && (d.next == commaOrEnd || d.next == nameOrEnd),
		c == ']' && d.within('[') && (d.next == commaOrEnd || d.next == valueOrEnd):
		d.brackets = d.brackets[:len(d.brackets)-1]
		d.valueEnded()
	case isWord(c) && wantsValue:
		d.token, d.word = aWord, append(d.word[:0], c)
	default:
		return "the JSON is broken here: expected " + d.wanted()
	}
	return ""
}

func (d *document) within(bracket byte) bool {
	return len(d.brackets) > 0 && d.brackets[len(d.brackets)-1] == bracket
}

func (d *document) valueEnded() {
	if d.next = commaOrEnd; len(d.brackets) == 0 {
		d.next = nothingMore
	}
}

func (d *document) wordEnded() string {
	if d.token != aWord {
		return ""
	}
	if !json.Valid(d.word) {
		return "the JSON is broken before this: " + string(d.word[:min(len(d.word), 20)]) + " is no value"
	}
	d.token = between
	d.valueEnded()
	return ""
}

func (d *document) wanted() string {
	switch d.next {
	case aName:
		return `a name in quotes`
	case nameOrEnd:
		return `a name in quotes or }`
	case aColon:
		return `:`
	case commaOrEnd:
		if d.within('{') {
			return `, or }`
		}
		return `, or ]`
	case valueOrEnd:
		return `a value or ]`
	case nothingMore:
		return `the end`
	}
	return `a value`
}

func (d *document) value() (encoding, string) {
	if d.token == aString {
		return inString, ""
	}
	if d.token == anEscape {
		return 0, "a value cannot stand in an escape of a JSON string"
	}
	if problem := d.wordEnded(); problem != "" {
		return 0, problem
	}
	switch d.next {
	case aValue, valueOrEnd:
		d.valueEnded()
		return asValue, ""
	case aName, nameOrEnd:
		return 0, "a member's name must be in quotes"
	}
	return 0, "a value cannot stand here: expected " + d.wanted()
}

func (d *document) mark() (string, string) {
	if d.token == anEscape {
		return "", "a section cannot begin or end in an escape of a JSON string"
	}
	if problem := d.wordEnded(); problem != "" {
		return "", problem
	}
	where := string(d.brackets) + string(rune(d.next))
	if d.token == aString {
		where += `"`
		if d.name {
			where += "n"
		}
	}
	return where, ""
}

func (d *document) end() string {
	if d.token == aString || d.token == anEscape {
		return "the JSON ends within a string"
	}
	if problem := d.wordEnded(); problem != "" {
		return problem
	}
	if d.next != nothingMore {
		return "the JSON ends early: expected " + d.wanted()
	}
	return ""
}
