package sam

import (
	"errors"
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"
)

// resolver replaces every intrinsic function in YAML nodes by its value. Nodes keep their
// line numbers, so that a later error about a value can name the template's line.
type resolver struct {
	endpoint   string            // URL of the local AWS, the prefix of queue URLs
	chosen     map[string]string // ids that the local AWS has generated, by logical id
	parameters map[string]*yaml.Node
	mappings   *yaml.Node
	conditions map[string]yaml.Node
	resources  map[string]*resourceNode
	resolving  map[string]bool // names and conditions being resolved, to detect cycles
}

type resourceNode struct {
	id         string
	kind       string // AWS::DynamoDB::Table
	properties *yaml.Node
}

// resolve returns n without intrinsics, or nil if its value is AWS::NoValue. at is the path
// of n, for error messages.
func (r *resolver) resolve(n *yaml.Node, at string) (*yaml.Node, error) {
	if n.Kind == yaml.AliasNode {
		return r.resolve(n.Alias, at)
	}
	if name, arg, ok := intrinsic(n); ok {
		return r.call(name, arg, at)
	}
	if n.Kind != yaml.MappingNode && n.Kind != yaml.SequenceNode {
		return n, nil
	}
	out := &yaml.Node{Kind: n.Kind, Tag: n.Tag, Line: n.Line}
	if n.Kind == yaml.SequenceNode {
		for i, item := range n.Content {
			value, err := r.resolve(item, fmt.Sprintf("%s[%d]", at, i))
			if err != nil {
				return nil, err
			}
			if value != nil {
				out.Content = append(out.Content, value)
			}
		}
		return out, nil
	}
	for key, item := range pairs(n) {
		value, err := r.resolve(item, at+"."+key.Value)
		if err != nil {
			return nil, err
		}
		if value != nil {
			out.Content = append(out.Content, key, value)
		}
	}
	return out, nil
}

// text resolves n, whose value must be a scalar.
func (r *resolver) text(n *yaml.Node, at string) (string, error) {
	value, err := r.resolve(n, at)
	if err != nil {
		return "", err
	}
	if value == nil || value.Kind != yaml.ScalarNode {
		return "", errorAt(n, at, "a single value is needed here")
	}
	return value.Value, nil
}

// decode resolves n and decodes it into target, a pointer to a struct with the relevant
// properties.
func (r *resolver) decode(n *yaml.Node, at string, target any) error {
	if n == nil || n.Kind == 0 {
		return nil
	}
	value, err := r.resolve(n, at)
	if err != nil || value == nil {
		return err
	}
	err = value.Decode(target)
	var wrong *yaml.TypeError
	if errors.As(err, &wrong) && len(wrong.Errors) > 0 {
		return describe(value, at, wrong.Errors[0])
	}
	if err != nil {
		return errorAt(n, at, "%v", err)
	}
	return nil
}

// describe adds the property's path to a decoding error, which has only a line number.
func describe(n *yaml.Node, at, text string) error {
	var line int
	if _, err := fmt.Sscanf(text, "line %d:", &line); err != nil {
		return fmt.Errorf("%s: %s", at, text)
	}
	_, text, _ = strings.Cut(text, ": ")
	return fmt.Errorf("%s (line %d): %s", pathTo(n, at, line), line, text)
}

// pathTo returns the path of the deepest mapping value on the given line.
func pathTo(n *yaml.Node, at string, line int) string {
	if n.Kind == yaml.MappingNode {
		for key, value := range pairs(n) {
			if key.Line == line || value.Line == line || contains(value, line) {
				return pathTo(value, at+"."+key.Value, line)
			}
		}
	}
	for i, value := range n.Content {
		if n.Kind == yaml.SequenceNode && contains(value, line) {
			return pathTo(value, fmt.Sprintf("%s[%d]", at, i), line)
		}
	}
	return at
}

func contains(n *yaml.Node, line int) bool {
	if n.Line == line {
		return true
	}
	for _, child := range n.Content {
		if contains(child, line) {
			return true
		}
	}
	return false
}

// pairs ranges over a mapping in the order of the file.
func pairs(n *yaml.Node) func(yield func(key, value *yaml.Node) bool) {
	return func(yield func(key, value *yaml.Node) bool) {
		if n == nil || n.Kind != yaml.MappingNode {
			return
		}
		for i := 0; i+1 < len(n.Content); i += 2 {
			if !yield(n.Content[i], n.Content[i+1]) {
				return
			}
		}
	}
}

// lookup returns a mapping's value, or nil.
func lookup(n *yaml.Node, name string) *yaml.Node {
	for key, value := range pairs(n) {
		if key.Value == name {
			return value
		}
	}
	return nil
}

func errorAt(n *yaml.Node, at, format string, args ...any) error {
	return fmt.Errorf("%s (line %d): %s", at, n.Line, fmt.Sprintf(format, args...))
}
