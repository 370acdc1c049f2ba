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

// directives is what a user message asks of the model.
type directives struct {
	rest       string // the message without its directives, trimmed; verbatim if it has none
	subject    string // words, recall or system; "" is the echo
	words      int    // of the subject "words"
	delay      time.Duration
	breakAfter int // in text deltas; never is no break
	fault      Fault
	calls      []model.ToolCall // without ids
}

const never = -1

// highest bounds every number in a directive, so that a typo cannot ask for
// more memory or time than a test run has.
const highest = 1_000_000

var (
	plainDirective = regexp.MustCompile(`^\[\[(words|delay|break|recall|system|throttle|fail|nomodel)(?: +([0-9]+))?\]\]`)
	toolDirective  = regexp.MustCompile(`^\[\[tool +([^\s\[\]{}]+)\s*`)
)

// parse reads the directives of a message. What merely resembles one is text.
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
			// One bracket further, for "[[[recall]]".
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

// take reads the directive s begins with and returns its length, or 0 if there
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
	case "words", "recall", "system":
		if d.subject == "" {
			d.subject, d.words = name, n
		}
	}
	return len(m[0])
}

// takeTool reads a tool directive after its name. The input is read by a JSON
// decoder, because it may hold brackets of its own.
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
