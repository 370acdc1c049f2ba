package body

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/quintet-agents/quintet/shared/fault"
)

// whyNot explains why a body is no JSON object: it is empty, another value, or not
// JSON; then it says where the error is, by line and by character within the line.
func whyNot(raw []byte, err error) string {
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		if len(bytes.TrimSpace(raw)) == 0 {
			return ": it is empty"
		}
		at := min(int(syntax.Offset), len(raw))
		before := raw[:max(at-1, 0)] // Offset counts the character at fault
		line := 1 + bytes.Count(before, []byte("\n"))
		column := 1 + utf8.RuneCount(before[bytes.LastIndexByte(before, '\n')+1:])
		return fmt.Sprintf(": it is not valid JSON at line %d, column %d", line, column)
	}
	return ", not " + kindOf(raw)
}

// otherKind returns the error for a JSON value of another kind than the rule of its field
// allows.
func otherKind(at, rule string, raw []byte) error {
	return fault.Field(at, "%s %s, not %s", at, rule, kindOf(raw))
}

const aNumber = "a number"

// kindOf names the kind of a JSON value.
func kindOf(raw []byte) string {
	switch c := bytes.TrimSpace(raw)[0]; c {
	case '{':
		return "an object"
	case '[':
		return "a list"
	case '"':
		return "a string"
	case 't', 'f':
		return "true or false"
	case 'n':
		return "null"
	default:
		return aNumber
	}
}
