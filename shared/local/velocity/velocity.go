// Package velocity runs API Gateway's mapping templates, as far as preflights need them: a
// small part of Apache Velocity.
package velocity

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
)

// Template is a parsed mapping template. It consists of text, and of #set, #if and #end on
// separate lines.
type Template []velocityLine

type velocityLine struct {
	kind        string // set, if, end or text
	target      string // of set: a variable, or overrideHeader and a header's name
	left, right string // expressions: the value of a set, or both sides of an if
	equal       bool   // for if: the operator is ==, not !=
	text        string
}

const overrideHeader = "context.responseOverride.header."

var (
	velocitySet   = regexp.MustCompile(`^#set\(\s*\$([A-Za-z][\w.-]*)\s*=\s*(.+?)\s*\)$`)
	velocityIf    = regexp.MustCompile(`^#if\(\s*(\S+?)\s*(==|!=)\s*(\S+?)\s*\)$`)
	velocityValue = regexp.MustCompile(`^('[^'$]*'|"[^"$]*"|\$input\.params\(['"][\w-]+['"]\)|\$context\.[A-Za-z.]+|\$[A-Za-z]\w*)$`)
	velocityParam = regexp.MustCompile(`^\$input\.params\(['"]([\w-]+)['"]\)$`)
)

// Parse reads a template. It returns an error for syntax that Run does not support.
func Parse(template string) (Template, error) {
	var v Template
	depth := 0
	for text := range strings.Lines(template) {
		line := strings.TrimSpace(text)
		l := velocityLine{kind: "text", text: text}
		if m := velocitySet.FindStringSubmatch(line); m != nil {
			l = velocityLine{kind: "set", target: m[1], left: m[2], right: "''"}
		} else if m := velocityIf.FindStringSubmatch(line); m != nil {
			l = velocityLine{kind: "if", left: m[1], equal: m[2] == "==", right: m[3]}
			depth++
		} else if line == "#end" {
			l = velocityLine{kind: "end"}
			depth--
		} else if strings.ContainsAny(line, "#$") {
			return nil, fmt.Errorf("the mapping template's line %q is not supported locally", line)
		}
		if l.kind == "set" || l.kind == "if" {
			for _, value := range []string{l.left, l.right} {
				if !velocityValue.MatchString(value) {
					return nil, fmt.Errorf("the mapping template's value %s is not supported locally", value)
				}
			}
		}
		if depth < 0 {
			break
		}
		v = append(v, l)
	}
	if depth != 0 {
		return nil, fmt.Errorf("the mapping template has an #if without #end, or an #end without #if")
	}
	return v, nil
}

// Run returns the template's text and the headers that it overrides. context
// evaluates a context variable.
func (v Template) Run(context func(string) string, header http.Header) (body string, overrides map[string]string) {
	variables := map[string]string{}
	overrides = map[string]string{}
	value := func(expression string) string {
		if m := velocityParam.FindStringSubmatch(expression); m != nil {
			return header.Get(m[1])
		}
		if name, ok := strings.CutPrefix(expression, "$"); ok {
			if strings.HasPrefix(name, "context.") {
				return context(expression)
			}
			return variables[name]
		}
		return strings.Trim(expression, `'"`)
	}
	var out strings.Builder
	skipped := 0 // depth of nested #ifs whose content is skipped
	for _, l := range v {
		switch {
		case l.kind == "if" && (skipped > 0 || (value(l.left) == value(l.right)) != l.equal):
			skipped++
		case l.kind == "end" && skipped > 0:
			skipped--
		case skipped > 0:
		case l.kind == "set":
			if name, ok := strings.CutPrefix(l.target, overrideHeader); ok {
				overrides[name] = value(l.left)
			} else {
				variables[l.target] = value(l.left)
			}
		case l.kind == "text":
			out.WriteString(l.text)
		}
	}
	return out.String(), overrides
}
