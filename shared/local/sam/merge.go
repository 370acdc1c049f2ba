package sam

import (
	"slices"

	"go.yaml.in/yaml/v3"
)

// flatten expands aliases and merge keys (`<<: *x`), like SAM's own reader. under has the
// ancestors of n.
func flatten(n *yaml.Node, under map[*yaml.Node]bool) (*yaml.Node, error) {
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	if under[n] {
		return nil, errorAt(n, "template", "the anchor %q contains itself", n.Anchor)
	}
	under[n] = true
	defer delete(under, n)
	for i, child := range n.Content {
		plain, err := flatten(child, under)
		if err != nil {
			return nil, err
		}
		n.Content[i] = plain
	}
	if n.Kind == yaml.MappingNode {
		return n, merge(n)
	}
	return n, nil
}

// merge adds the pairs of a mapping's merge keys to it. The mapping's own pairs have
// precedence over merged ones, and an earlier merge over a later one.
func merge(n *yaml.Node) error {
	var own, merged []*yaml.Node
	seen := map[string]bool{}
	for key, value := range pairs(n) {
		if key.Tag != "!!merge" {
			own = append(own, key, value)
			seen[key.Value] = true
		}
	}
	for key, value := range pairs(n) {
		if key.Tag != "!!merge" {
			continue
		}
		sources := []*yaml.Node{value}
		if value.Kind == yaml.SequenceNode {
			sources = value.Content
		}
		for _, source := range sources {
			if source.Kind != yaml.MappingNode {
				return errorAt(key, "template", "only mappings can be merged with <<")
			}
			for key, value := range pairs(source) {
				if !seen[key.Value] {
					merged = append(merged, key, value)
					seen[key.Value] = true
				}
			}
		}
	}
	n.Content = slices.Concat(own, merged)
	return nil
}
