package graph

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// check returns what is wrong with a JSON value at a path, or "".
type check func(at string, v any) string

// text accepts a string of 1 to longest characters; 0 is no limit.
func text(longest int) check {
	return func(at string, v any) string {
		s, ok := v.(string)
		switch {
		case !ok:
			return at + " must be a string"
		case s == "":
			return at + " must not be empty"
		case longest > 0 && utf8.RuneCountInString(s) > longest:
			return fmt.Sprintf("%s must be at most %d characters", at, longest)
		}
		return ""
	}
}

func matching(form *regexp.Regexp) check {
	return func(at string, v any) string {
		if s, ok := v.(string); !ok || !form.MatchString(s) {
			return fmt.Sprintf("%s must match %s", at, form)
		}
		return ""
	}
}

func oneOf(values ...string) check {
	return func(at string, v any) string {
		if s, ok := v.(string); !ok || !slices.Contains(values, s) {
			return at + " must be one of " + strings.Join(values, ", ")
		}
		return ""
	}
}

func whole(at string, v any) string {
	n, ok := v.(json.Number)
	if !ok {
		return at + " must be a number"
	}
	if _, err := n.Int64(); err != nil {
		return at + " must be a whole number"
	}
	return ""
}

// index accepts a button's place, as a number or as a string of one.
func index(at string, v any) string {
	if n, ok := v.(json.Number); ok {
		v = n.String()
	}
	return matching(regexp.MustCompile(`^[0-9]$`))(at, v)
}

func list(least int, element check) check {
	return func(at string, v any) string {
		all, ok := v.([]any)
		if !ok || len(all) < least {
			return fmt.Sprintf("%s must be a list of at least %d", at, least)
		}
		for i, v := range all {
			if wrong := element(fmt.Sprintf("%s[%d]", at, i), v); wrong != "" {
				return wrong
			}
		}
		return ""
	}
}

// fields are the fields of an object. The name of one that may be absent ends with "?".
type fields map[string]check

// object accepts an object with exactly the given fields.
func object(known fields) check {
	return func(at string, v any) string {
		o, ok := v.(map[string]any)
		if !ok {
			return at + " must be an object"
		}
		for _, name := range slices.Sorted(maps.Keys(o)) {
			element, ok := known[name]
			if !ok {
				element, ok = known[name+"?"]
			}
			if !ok {
				return at + " must not have the field " + name
			}
			if wrong := element(at+"."+name, o[name]); wrong != "" {
				return wrong
			}
		}
		for _, name := range slices.Sorted(maps.Keys(known)) {
			if _, ok := o[name]; !ok && !strings.HasSuffix(name, "?") {
				return at + "." + name + " is required"
			}
		}
		return ""
	}
}

// byField accepts an object by the value of one of its fields.
func byField(name string, kinds map[string]check) check {
	return func(at string, v any) string {
		o, _ := v.(map[string]any)
		kind, _ := o[name].(string)
		element, ok := kinds[kind]
		if !ok {
			return at + "." + name + " must be one of " + strings.Join(slices.Sorted(maps.Keys(kinds)), ", ")
		}
		return element(at, v)
	}
}
