// Package filter matches records against the filter patterns of Lambda's event
// sources.
package filter

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// Filter is an event source's FilterCriteria: a record passes if any of the patterns
// matches it. Without patterns, every record passes.
type Filter []map[string]any

// Parse reads filter patterns, each a JSON object.
func Parse(patterns []string) (Filter, error) {
	var f Filter
	for _, text := range patterns {
		var pattern map[string]any
		if err := json.Unmarshal([]byte(text), &pattern); err != nil {
			return nil, fmt.Errorf("the pattern %s is not a JSON object: %w", text, err)
		}
		if err := checkPattern(pattern); err != nil {
			return nil, fmt.Errorf("the pattern %s: %w", text, err)
		}
		f = append(f, pattern)
	}
	return f, nil
}

func checkPattern(pattern map[string]any) error {
	for name, rule := range pattern {
		switch rule := rule.(type) {
		case map[string]any:
			if err := checkPattern(rule); err != nil {
				return err
			}
		case []any:
			for _, alternative := range rule {
				operator, ok := alternative.(map[string]any)
				if !ok {
					continue
				}
				for name := range operator {
					if operators[name] == nil {
						return fmt.Errorf("the operator %q is not supported", name)
					}
				}
			}
		default:
			return fmt.Errorf("%q needs a list of values or an object", name)
		}
	}
	return nil
}

// Matches reports whether a JSON record passes.
func (f Filter) Matches(record []byte) bool {
	if len(f) == 0 {
		return true
	}
	var value map[string]any
	if json.Unmarshal(record, &value) != nil {
		return false
	}
	for _, pattern := range f {
		if matchObject(pattern, value) {
			return true
		}
	}
	return false
}

func matchObject(pattern, value map[string]any) bool {
	for name, rule := range pattern {
		field, exists := value[name]
		if nested, ok := rule.(map[string]any); ok {
			object, _ := field.(map[string]any)
			if !matchObject(nested, object) {
				return false
			}
			continue
		}
		alternatives, ok := rule.([]any)
		if !ok || !matchAny(alternatives, field, exists) {
			return false
		}
	}
	return true
}

func matchAny(alternatives []any, field any, exists bool) bool {
	// A list matches if one of its items matches.
	if items, ok := field.([]any); ok {
		for _, item := range items {
			if matchAny(alternatives, item, true) {
				return true
			}
		}
		return false
	}
	for _, alternative := range alternatives {
		operator, ok := alternative.(map[string]any)
		if !ok && exists && reflect.DeepEqual(alternative, field) {
			return true
		}
		for name, operand := range operator {
			if operators[name](operand, field, exists) {
				return true
			}
		}
	}
	return false
}

var operators = map[string]func(operand, field any, exists bool) bool{
	"exists": func(operand, _ any, exists bool) bool { return operand == exists },
	"prefix": func(operand, field any, _ bool) bool {
		prefix, ok := operand.(string)
		text, isText := field.(string)
		return ok && isText && strings.HasPrefix(text, prefix)
	},
	"suffix": func(operand, field any, _ bool) bool {
		suffix, ok := operand.(string)
		text, isText := field.(string)
		return ok && isText && strings.HasSuffix(text, suffix)
	},
	"anything-but": func(operand, field any, exists bool) bool {
		excluded, ok := operand.([]any)
		if !ok {
			excluded = []any{operand}
		}
		same := func(value any) bool { return reflect.DeepEqual(value, field) }
		return exists && !slices.ContainsFunc(excluded, same)
	},
	"numeric": func(operand, field any, _ bool) bool {
		number, ok := field.(float64)
		terms, isList := operand.([]any)
		if !ok || !isList || len(terms)%2 != 0 {
			return false
		}
		for i := 0; i < len(terms); i += 2 {
			if !compare(number, terms[i], terms[i+1]) {
				return false
			}
		}
		return true
	},
}

func compare(number float64, operator, operand any) bool {
	limit, ok := operand.(float64)
	if !ok {
		return false
	}
	switch operator {
	case "=":
		return number == limit
	case "<":
		return number < limit
	case "<=":
		return number <= limit
	case ">":
		return number > limit
	case ">=":
		return number >= limit
	}
	return false
}
