package main

import (
	"bytes"
	"encoding/json"
	"fmt"

	"go.yaml.in/yaml/v3"
)

// writeJSON writes a flattened node as JSON. Mappings keep their order, because readers
// of the document see it.
func writeJSON(b *bytes.Buffer, n *yaml.Node, indent string) error {
	switch {
	case n.Kind == yaml.ScalarNode:
		return writeScalar(b, n)
	case len(n.Content) == 0 && n.Kind == yaml.MappingNode:
		b.WriteString("{}")
		return nil
	case len(n.Content) == 0:
		b.WriteString("[]")
		return nil
	}
	open, end, step := "[", "]", 1
	if n.Kind == yaml.MappingNode {
		open, end, step = "{", "}", 2
	}
	b.WriteString(open)
	for i := 0; i < len(n.Content); i += step {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString("\n" + indent + "  ")
		if step == 2 {
			if err := writeText(b, n.Content[i].Value); err != nil {
				return err
			}
			b.WriteString(": ")
		}
		if err := writeJSON(b, n.Content[i+step-1], indent+"  "); err != nil {
			return err
		}
	}
	b.WriteString("\n" + indent + end)
	return nil
}

func writeScalar(b *bytes.Buffer, n *yaml.Node) error {
	var value any
	if n.ShortTag() == "!!timestamp" { // JSON has no such type
		value = n.Value
	} else if err := n.Decode(&value); err != nil {
		return fmt.Errorf("line %d: %w", n.Line, err)
	}
	return writeText(b, value)
}

func writeText(b *bytes.Buffer, value any) error {
	enc := json.NewEncoder(b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(value); err != nil {
		return err
	}
	b.Truncate(b.Len() - 1) // drop Encode's newline
	return nil
}
