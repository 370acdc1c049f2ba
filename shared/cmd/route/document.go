package main

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

var (
	pathItem  = regexp.MustCompile(`(?m)^  /.*:\n(?:    .*\n)+`)
	operation = regexp.MustCompile(`(?m)^    (get|post|put|patch|delete):(?: &\w+)?\n(?:      .*\n)+`)
	inCommon  = regexp.MustCompile(`(?m)^    parameters:(?: [&*]\w+)?\n(?:      .*\n)*`)
	anchor    = regexp.MustCompile(` &\w+`)
	summary   = regexp.MustCompile(`(?m)^      summary: .*\n`)
)

// findDocument returns the path of the OpenAPI part that has the similar route.
func (n *addition) findDocument(root string) (string, error) {
	return fileWith(root, "shared/api/*/openapi*.yaml", operationLine(n.like))
}

// inDocument adds the new operation to its path, or to a new path after the similar
// one. It copies the similar operation's answers and leaves the texts to the author.
func (n *addition) inDocument(text string) (string, error) {
	items := pathItem.FindAllString(text, -1)
	id := operationLine(n.like)
	i := slices.IndexFunc(items, func(item string) bool { return strings.Contains(item, id) })
	if i < 0 {
		return "", fmt.Errorf("no path has %s", strings.TrimSpace(id))
	}
	for _, op := range operation.FindAllString(items[i], -1) {
		if strings.Contains(op, id) {
			return n.addOperation(text, items, items[i], op)
		}
	}
	return "", fmt.Errorf("no operation has %s", strings.TrimSpace(id))
}

func (n *addition) addOperation(text string, items []string, item, op string) (string, error) {
	op = strings.Replace(op, operationLine(n.like), operationLine(n.name), 1)
	_, op, _ = strings.Cut(op, "\n")
	op = "    " + strings.ToLower(n.method) + ":\n" + op
	words := strings.Split(n.name, "-")
	noun, verb := strings.Join(words[1:len(words)-1], " "), words[len(words)-1]
	op = summary.ReplaceAllLiteralString(op, "      summary: "+strings.ToUpper(verb[:1])+verb[1:]+" a "+noun+"\n")
	op = anchor.ReplaceAllLiteralString(op, "")
	for _, existing := range items {
		if strings.HasPrefix(existing, "  "+n.path+":\n") {
			return after(text, existing, op)
		}
	}
	return after(text, item, "  "+n.path+":\n"+n.common(items, item)+op)
}

// common returns the parameters of the new path: those of a path with the same
// parameter names, or those of the similar path.
func (n *addition) common(items []string, item string) string {
	names := param.FindAllString(n.path, -1)
	if len(names) == 0 {
		return ""
	}
	for _, other := range append([]string{item}, items...) {
		head, _, _ := strings.Cut(other, "\n")
		if found := inCommon.FindString(other); found != "" && slices.Equal(names, param.FindAllString(head, -1)) {
			return anchor.ReplaceAllLiteralString(found, "")
		}
	}
	return anchor.ReplaceAllLiteralString(inCommon.FindString(item), "")
}

// operationLine returns the line that gives an operation its id, with the end of the
// line before it. Links of other operations have the id too, with more indentation.
func operationLine(function string) string {
	return "\n      operationId: " + operationID(function) + "\n"
}
