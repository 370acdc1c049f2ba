package main

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"go.yaml.in/yaml/v3"
)

const (
	framePath    = "shared/api/openapi/openapi.yaml"
	partsPattern = "shared/api/*/openapi*.yaml"
	documentPath = "shared/api/openapi/document.json"
)

// merge returns the document of the project at root: the frame with the tags, paths,
// webhooks and components of all parts. It returns an error if two of them define the
// same name.
func merge(root string) ([]byte, error) {
	parts, err := fs.Glob(os.DirFS(root), partsPattern) // sorted, so the result is deterministic
	if err != nil {
		return nil, err
	}
	document, err := read(root, framePath)
	if err != nil {
		return nil, err
	}
	for _, path := range parts {
		if path == framePath {
			continue
		}
		part, err := read(root, path)
		if err != nil {
			return nil, err
		}
		if err := add(document, part); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
	}
	var b bytes.Buffer
	if err := writeJSON(&b, document, ""); err != nil {
		return nil, err
	}
	b.WriteByte('\n')
	return b.Bytes(), nil
}

func read(root, path string) (*yaml.Node, error) {
	text, err := os.ReadFile(filepath.Join(root, path))
	if err != nil {
		return nil, err
	}
	var file yaml.Node
	if err := yaml.Unmarshal(text, &file); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if len(file.Content) != 1 || file.Content[0].Kind != yaml.MappingNode {
		return nil, fmt.Errorf("%s is no mapping", path)
	}
	plain, err := flatten(file.Content[0])
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return dropExtensions(plain), nil
}

// flatten expands aliases and merge keys. A repeated key stays at its first position.
func flatten(n *yaml.Node) (*yaml.Node, error) {
	if n.Kind == yaml.AliasNode {
		return flatten(n.Alias)
	}
	plain := *n
	plain.Anchor, plain.Content = "", nil
	if n.Kind != yaml.MappingNode {
		for _, child := range n.Content {
			c, err := flatten(child)
			if err != nil {
				return nil, err
			}
			plain.Content = append(plain.Content, c)
		}
		return &plain, nil
	}
	for i := 0; i < len(n.Content); i += 2 {
		key := n.Content[i]
		value, err := flatten(n.Content[i+1])
		if err != nil {
			return nil, err
		}
		if key.Tag != "!!merge" {
			set(&plain, key, value)
			continue
		}
		if i != 0 || value.Kind != yaml.MappingNode {
			return nil, fmt.Errorf("line %d: << must stand first and name one mapping", key.Line)
		}
		plain.Content = append(plain.Content, value.Content...)
	}
	return &plain, nil
}

// dropExtensions removes the x- keys at the top level of a file, which only hold the
// file's anchors.
func dropExtensions(n *yaml.Node) *yaml.Node {
	kept := *n
	kept.Content = nil
	for i := 0; i < len(n.Content); i += 2 {
		if !strings.HasPrefix(n.Content[i].Value, "x-") {
			kept.Content = append(kept.Content, n.Content[i], n.Content[i+1])
		}
	}
	return &kept
}

// add merges a part into the document.
func add(document, part *yaml.Node) error {
	for i := 0; i < len(part.Content); i += 2 {
		key, value := part.Content[i], part.Content[i+1]
		there := get(document, key.Value)
		switch {
		case there == nil || there.Kind != value.Kind:
			return fmt.Errorf("line %d: a part has no such %s", key.Line, key.Value)
		case key.Value == "tags":
			there.Content = append(there.Content, value.Content...)
		case key.Value == "paths", key.Value == "webhooks", key.Value == "components":
			if err := addBelow(there, value, 1); err != nil {
				return err
			}
		default:
			return fmt.Errorf("line %d: only the frame may have %s", key.Line, key.Value)
		}
	}
	return nil
}

// addBelow adds the entries of a mapping. It merges the entries that both mappings
// have, down to the given number of levels: the methods of a path, the names of a kind
// of component.
func addBelow(into, part *yaml.Node, levels int) error {
	for i := 0; i < len(part.Content); i += 2 {
		key, value := part.Content[i], part.Content[i+1]
		there := get(into, key.Value)
		switch {
		case there == nil:
			set(into, key, value)
		case levels > 0 && there.Kind == yaml.MappingNode && value.Kind == yaml.MappingNode:
			if err := addBelow(there, value, levels-1); err != nil {
				return fmt.Errorf("%s: %w", key.Value, err)
			}
		default:
			return fmt.Errorf("line %d: %s is there already", key.Line, key.Value)
		}
	}
	return nil
}

func get(mapping *yaml.Node, key string) *yaml.Node {
	for i := 0; i < len(mapping.Content); i += 2 {
		if mapping.Content[i].Value == key {
			return mapping.Content[i+1]
		}
	}
	return nil
}

func set(mapping, key, value *yaml.Node) {
	for i := 0; i < len(mapping.Content); i += 2 {
		if mapping.Content[i].Value == key.Value {
			mapping.Content[i+1] = value
			return
		}
	}
	mapping.Content = append(mapping.Content, key, value)
}
