package sam

import (
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// intrinsic reports whether n is a call of an intrinsic function, in its short
// form (!Sub x) or its long one ({Fn::Sub: x}).
func intrinsic(n *yaml.Node) (name string, arg *yaml.Node, ok bool) {
	if strings.HasPrefix(n.Tag, "!") && !strings.HasPrefix(n.Tag, "!!") {
		plain := *n
		plain.Tag = "" // yaml derives the tag from the value
		return n.Tag[1:], &plain, true
	}
	if n.Kind == yaml.MappingNode && len(n.Content) == 2 {
		key := n.Content[0].Value
		if name, ok := strings.CutPrefix(key, "Fn::"); ok {
			return name, n.Content[1], true
		}
		if key == "Ref" {
			return key, n.Content[1], true
		}
	}
	return "", nil, false
}

func (r *resolver) call(name string, arg *yaml.Node, at string) (*yaml.Node, error) {
	switch name {
	case "Ref":
		return r.ref(arg, arg.Value, at)
	case "GetAtt":
		return r.getAtt(arg, at)
	case "Sub":
		return r.sub(arg, at)
	case "Join":
		return r.join(arg, at)
	case "Split":
		return r.split(arg, at)
	case "Select":
		return r.selectOne(arg, at)
	case "FindInMap":
		return r.findInMap(arg, at)
	case "If":
		return r.choose(arg, at)
	}
	return nil, errorAt(arg, at, "the intrinsic function %s is not supported", name)
}

func (r *resolver) ref(n *yaml.Node, name, at string) (*yaml.Node, error) {
	if name == "AWS::NoValue" {
		return nil, nil
	}
	if value, ok := r.parameters[name]; ok {
		if value == nil {
			return nil, errorAt(n, at, "parameter %s has no default and was given no value", name)
		}
		if value.Kind == yaml.ScalarNode {
			return scalar(n, value.Value), nil
		}
		return value, nil
	}
	if value, ok := pseudoParameters[name]; ok {
		return scalar(n, value), nil
	}
	if resource, ok := r.resources[name]; ok {
		value, err := r.identify(resource)
		return scalar(n, value), err
	}
	return nil, errorAt(n, at, "Ref: there is no parameter or resource %q", name)
}

func (r *resolver) getAtt(n *yaml.Node, at string) (*yaml.Node, error) {
	id, attribute, _ := strings.Cut(n.Value, ".")
	if n.Kind == yaml.SequenceNode && len(n.Content) == 2 {
		id, attribute = n.Content[0].Value, n.Content[1].Value
	}
	resource, ok := r.resources[id]
	if !ok || attribute == "" {
		return nil, errorAt(n, at, "GetAtt: there is no resource %q with an attribute %q", id, attribute)
	}
	value, err := r.attribute(resource, attribute)
	return text(n, value), err
}

var placeholder = regexp.MustCompile(`\$\{([^}]*)\}`)

func (r *resolver) sub(n *yaml.Node, at string) (*yaml.Node, error) {
	format, variables := n, (*yaml.Node)(nil)
	if n.Kind == yaml.SequenceNode && len(n.Content) == 2 {
		format, variables = n.Content[0], n.Content[1]
	}
	if format.Kind != yaml.ScalarNode {
		return nil, errorAt(n, at, "Sub needs a string, or a list of a string and its variables")
	}
	var failed error
	value := placeholder.ReplaceAllStringFunc(format.Value, func(match string) string {
		name := strings.TrimSpace(match[2 : len(match)-1])
		if literal, ok := strings.CutPrefix(name, "!"); ok {
			return "${" + literal + "}"
		}
		value, err := r.variable(format, variables, name, at)
		if err != nil && failed == nil {
			failed = err
		}
		return value
	})
	return text(n, value), failed
}

// variable returns the value of ${name} in a Sub.
func (r *resolver) variable(n, variables *yaml.Node, name, at string) (string, error) {
	if own := lookup(variables, name); own != nil {
		return r.text(own, at)
	}
	call := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!Ref", Value: name, Line: n.Line}
	if strings.Contains(name, ".") {
		call.Tag = "!GetAtt"
	}
	return r.text(call, at)
}

func (r *resolver) join(n *yaml.Node, at string) (*yaml.Node, error) {
	args, err := r.arguments(n, at, "Join", 2)
	if err != nil {
		return nil, err
	}
	if args[1].Kind != yaml.SequenceNode {
		return nil, errorAt(n, at, "Join needs a list")
	}
	var parts []string
	for _, item := range args[1].Content {
		parts = append(parts, item.Value)
	}
	return text(n, strings.Join(parts, args[0].Value)), nil
}

func (r *resolver) split(n *yaml.Node, at string) (*yaml.Node, error) {
	args, err := r.arguments(n, at, "Split", 2)
	if err != nil {
		return nil, err
	}
	list := &yaml.Node{Kind: yaml.SequenceNode, Line: n.Line}
	for part := range strings.SplitSeq(args[1].Value, args[0].Value) {
		list.Content = append(list.Content, text(n, part))
	}
	return list, nil
}

func (r *resolver) selectOne(n *yaml.Node, at string) (*yaml.Node, error) {
	args, err := r.arguments(n, at, "Select", 2)
	if err != nil {
		return nil, err
	}
	index, err := strconv.Atoi(args[0].Value)
	if err != nil || index < 0 || index >= len(args[1].Content) {
		return nil, errorAt(n, at, "Select: the list has no item %s", args[0].Value)
	}
	return args[1].Content[index], nil
}

func (r *resolver) findInMap(n *yaml.Node, at string) (*yaml.Node, error) {
	args, err := r.arguments(n, at, "FindInMap", 3)
	if err != nil {
		return nil, err
	}
	value := r.mappings
	for _, key := range args {
		value = lookup(value, key.Value)
	}
	if value == nil {
		return nil, errorAt(n, at, "FindInMap: there is no %s.%s.%s", args[0].Value, args[1].Value, args[2].Value)
	}
	return value, nil
}

// arguments resolves a call's list of exactly count arguments.
func (r *resolver) arguments(n *yaml.Node, at, name string, count int) ([]*yaml.Node, error) {
	if n.Kind != yaml.SequenceNode || len(n.Content) != count {
		return nil, errorAt(n, at, "%s needs a list of %d arguments", name, count)
	}
	args := make([]*yaml.Node, count)
	for i, item := range n.Content {
		value, err := r.resolve(item, at)
		if err != nil {
			return nil, err
		}
		if value == nil {
			return nil, errorAt(n, at, "%s: argument %d has no value", name, i+1)
		}
		args[i] = value
	}
	return args, nil
}

// scalar returns a value whose type YAML derives from its text: a parameter is a string in
// the template, but may be used as a number.
func scalar(n *yaml.Node, value string) *yaml.Node {
	if value == "" {
		return text(n, value) // without a tag it would be null
	}
	return &yaml.Node{Kind: yaml.ScalarNode, Value: value, Line: n.Line}
}

// text returns a string, even if it looks like a number.
func text(n *yaml.Node, value string) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: value, Line: n.Line}
}
