package sam

import (
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

type parameter struct {
	Type          string    `yaml:"Type"`
	Default       yaml.Node `yaml:"Default"`
	AllowedValues []string  `yaml:"AllowedValues"`
}

// bind returns the value of each parameter, or nil for a parameter without a value. Only
// its use is an error, because many parameters matter only in the cloud.
func bind(declared map[string]parameter, given map[string]string) (map[string]*yaml.Node, error) {
	for name := range given {
		if _, ok := declared[name]; !ok {
			return nil, fmt.Errorf("there is no parameter %q", name)
		}
	}
	values := map[string]*yaml.Node{}
	for name, p := range declared {
		value := &p.Default
		if text, ok := given[name]; ok {
			value = &yaml.Node{Kind: yaml.ScalarNode, Value: text}
		}
		if value.Kind == 0 {
			values[name] = nil
			continue
		}
		if len(p.AllowedValues) > 0 && !slices.Contains(p.AllowedValues, value.Value) {
			return nil, fmt.Errorf("parameter %s is %q, but may only be one of %s", name, value.Value, strings.Join(p.AllowedValues, ", "))
		}
		values[name] = p.typed(value)
	}
	return values, nil
}

// typed converts the text of a list parameter into a list.
func (p parameter) typed(value *yaml.Node) *yaml.Node {
	if p.Type != "CommaDelimitedList" && !strings.HasPrefix(p.Type, "List<") {
		return value
	}
	list := &yaml.Node{Kind: yaml.SequenceNode, Line: value.Line}
	for item := range strings.SplitSeq(value.Value, ",") {
		list.Content = append(list.Content, scalar(value, strings.TrimSpace(item)))
	}
	return list
}
