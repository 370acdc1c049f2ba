package automation

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/quintet-agents/quintet/shared/fault"
)

// reader reads the fields of one JSON object of a definition. It remembers the first problem,
// so that its methods can be called without a check after each of them.
type reader struct {
	path   string // of the object, such as steps[2]
	fields map[string]any
	known  map[string]bool // fields that may be there; false: not worth a mention
	absent bool            // the problem is a field of this object that is absent
	fail   *error
}

// read returns a reader of a JSON value that must be an object.
func read(path string, value any, fail *error) *reader {
	r := &reader{path: path, known: map[string]bool{}, fail: fail}
	fields, ok := value.(map[string]any)
	if !ok && value != nil {
		r.refuse("", "must be an object")
	}
	r.fields = fields
	return r
}

// at returns the place of a field.
func (r *reader) at(field string) string {
	switch {
	case r.path == "" && field == "":
		return "definition"
	case r.path == "":
		return field
	case field == "":
		return r.path
	}
	return r.path + "." + field
}

// refuse remembers a problem of a field, unless an earlier one is known.
func (r *reader) refuse(field, rule string, args ...any) {
	if *r.fail == nil {
		*r.fail = fault.Rule(r.at(field), fmt.Sprintf(rule, args...))
		r.absent = field != "" && r.fields[field] == nil
	}
}

// get returns a field; null counts as absent.
func (r *reader) get(field string) (any, bool) {
	r.known[field] = true
	v, ok := r.fields[field]
	return v, ok && v != nil
}

// text returns a string of at most the given number of characters; empty when absent.
func (r *reader) text(field string, most int) string {
	v, ok := r.get(field)
	if !ok {
		return ""
	}
	s, ok := v.(string)
	if !ok || utf8.RuneCountInString(s) > most || strings.ContainsRune(s, 0) {
		r.refuse(field, "must be a string of at most %d characters", most)
		return ""
	}
	return s
}

// need returns a string of 1 to most characters.
func (r *reader) need(field string, most int) string {
	s := r.text(field, most)
	if s == "" {
		r.refuse(field, "must be a string of 1 to %d characters", most)
	}
	return s
}

// needID returns an id. Ids are the same in upper and lower case.
func (r *reader) needID(field string) string { return strings.ToLower(r.need(field, maxID)) }

const maxID = 100 // characters

// number returns an integer from 1 to most; fallback when absent.
func (r *reader) number(field string, most, fallback int) int {
	v, ok := r.get(field)
	if !ok {
		return fallback
	}
	n, _ := v.(json.Number)
	i, err := n.Int64()
	if err != nil || i < 1 || i > int64(most) {
		r.refuse(field, "must be a whole number from 1 to %d", most)
		return fallback
	}
	return int(i)
}

// list returns the elements of an array; nil when absent.
func (r *reader) list(field string) []any {
	v, ok := r.get(field)
	if !ok {
		return nil
	}
	all, ok := v.([]any)
	if !ok {
		r.refuse(field, "must be a list")
	}
	return all
}

// texts returns an object of strings with at most maxPairs fields; nil when absent.
func (r *reader) texts(field string, most int) map[string]string {
	v, ok := r.get(field)
	if !ok {
		return nil
	}
	in := read(r.at(field), v, r.fail)
	if len(in.fields) > maxPairs {
		r.refuse(field, "must have at most %d fields", maxPairs)
		return nil
	}
	out := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(in.fields)) {
		if in.fields[name] == nil {
			in.refuse(name, "must be a string of at most %d characters", most)
		}
		out[name] = in.text(name, most)
	}
	return out
}

// maxPairs bounds the headers, variables and parameters of a step.
const maxPairs = 30

// oneOf returns a string that is one of the given values.
func oneOf[T ~string](r *reader, field string, values ...T) T {
	s, _ := r.get(field)
	text, _ := s.(string)
	if !slices.Contains(values, T(text)) {
		names := make([]string, len(values))
		for i, v := range values {
			names[i] = string(v)
		}
		r.refuse(field, "must be one of %s", strings.Join(names, ", "))
		return ""
	}
	return T(text)
}

// end refuses fields that nothing has read. Such a field explains why another one is absent, so
// it is the problem to show.
func (r *reader) end(of string) {
	for _, name := range slices.Sorted(maps.Keys(r.fields)) {
		if _, ok := r.known[name]; ok {
			continue
		}
		if r.absent {
			*r.fail, r.absent = nil, false
		}
		r.refuse(name, "is not a field of %s, which has %s", of, strings.Join(r.mentioned(), ", "))
	}
}

// mentioned returns the fields that may be there, for errors.
func (r *reader) mentioned() []string {
	var names []string
	for _, name := range slices.Sorted(maps.Keys(r.known)) {
		if r.known[name] {
			names = append(names, name)
		}
	}
	return names
}
