package scripted

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/quintet-agents/quintet/shared/model"
)

// directives are the instructions to the model in one user message.
type directives struct {
	rest       string // the message without its directives, trimmed; verbatim if it has none
	subject    string // words, recall or system; "" means echo
	words      int    // the N of [[words N]]
	delay      time.Duration
	breakAfter int // a number of text deltas, or never
	fault      Fault
	noImages   bool             // the model refuses images
	calls      []model.ToolCall // without ids
}

const never = -1

// highest bounds every number in a directive, so that a typo cannot use up the
// memory or time of a test run.
const highest = 1_000_000

var (
	plainDirective = regexp.MustCompile(`^\[\[(words|delay|break|recall|system|throttle|fail|nomodel|noimages)(?: +([0-9]+))?\]\]`)
	toolDirective  = regexp.MustCompile(`^\[\[tool +([^\s\[\]{}]+)\s*`)
)

// parse reads the directives of a message. A malformed directive is text.
func parse(text string) directives {
	d := directives{breakAfter: never}
	var rest strings.Builder
	found := false
	for remaining := text; ; {
		at := strings.Index(remaining, "[[")
		if at < 0 {
			rest.WriteString(remaining)
			break
		}
		n := d.take(remaining[at:])
		if n == 0 {
			// Continue at the next bracket: "[[[recall]]" has a directive after its first.
			rest.WriteString(remaining[:at+1])
			remaining = remaining[at+1:]
			continue
		}
		found = true
		rest.WriteString(remaining[:at])
		remaining = remaining[at+n:]
	}
	d.rest = text
	if found {
		d.rest = strings.TrimSpace(rest.String())
	}
	return d
}

// take reads the directive at the start of s and returns its length, or 0 if there
// is none.
func (d *directives) take(s string) int {
	if m := toolDirective.FindStringSubmatch(s); m != nil {
		return d.takeTool(s, m[1], len(m[0]))
	}
	m := plainDirective.FindStringSubmatch(s)
	if m == nil {
		return 0
	}
	name, digits := m[1], m[2]
	counts := name == "words" || name == "delay" || name == "break"
	if counts != (digits != "") {
		return 0
	}
	n, err := strconv.Atoi(digits)
	if counts && (err != nil || n > highest) {
		return 0
	}
	switch name {
	case "delay":
		d.delay = time.Duration(n) * time.Millisecond
	case "break":
		d.breakAfter = n
	case "throttle", "fail", "nomodel":
		d.fault = faults[name]
	case "noimages":
		d.noImages = true
	case "words", "recall", "system":
		if d.subject == "" {
			d.subject, d.words = name, n
		}
	}
	return len(m[0])
}

// takeTool reads the rest of a tool directive, after its name. It reads the input
// with a JSON decoder, because the input may contain brackets.
func (d *directives) takeTool(s, name string, at int) int {
	input := json.RawMessage("{}")
	if strings.HasPrefix(s[at:], "{") {
		dec := json.NewDecoder(strings.NewReader(s[at:]))
		var object json.RawMessage
		if dec.Decode(&object) != nil {
			return 0
		}
		var compact bytes.Buffer
		if json.Compact(&compact, object) != nil {
			return 0
		}
		input = compact.Bytes()
		at += int(dec.InputOffset())
	}
	tail := strings.TrimLeft(s[at:], " \t\r\n")
	if !strings.HasPrefix(tail, "]]") {
		return 0
	}
	d.calls = append(d.calls, model.ToolCall{Name: name, Input: input})
	return len(s) - len(tail) + len("]]")
}
