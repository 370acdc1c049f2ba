package pin

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
)

// Bounds of a schema, which a model reads and our validator follows.
const (
	maxSchema   = 16 << 10 // bytes of canonical JSON
	maxDepth    = 32       // of nested values
	maxRefs     = 16       // references that lead to another
	maxExpanded = 10_000   // values, when each reference is replaced by its target
)

// walker reads a schema. A reference of a document to itself is allowed; one to another
// document is not, because a reader would fetch it.
type walker struct {
	root  any
	open  map[string]bool // the references that are being followed
	count int
}

// schemaProblem returns why a schema cannot be used, or nothing. It wants a schema of an
// object's members, which the arguments of a call are.
func schemaProblem(text json.RawMessage) string {
	if len(text) > maxSchema {
		return fmt.Sprintf("its schema has more than %d KB", maxSchema>>10)
	}
	var root any
	if json.Unmarshal(text, &root) != nil {
		return "its schema is no JSON"
	}
	if object, ok := root.(map[string]any); !ok || object["type"] != "object" {
		return `its schema does not have the type "object"`
	}
	w := walker{root: root, open: map[string]bool{}}
	return w.value(root, 0)
}

func (w *walker) value(value any, depth int) string {
	if depth > maxDepth {
		return fmt.Sprintf("its schema is nested more than %d levels deep", maxDepth)
	}
	if w.count++; w.count > maxExpanded {
		return fmt.Sprintf("its schema has more than %d parts when its references are followed", maxExpanded)
	}
	switch v := value.(type) {
	case string:
		if hasHidden(v) {
			return "its schema has invisible characters"
		}
	case []any:
		for _, element := range v {
			if problem := w.value(element, depth+1); problem != "" {
				return problem
			}
		}
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) { // in order, so that the same problem is found
			if hasHidden(name) {
				return "its schema has invisible characters"
			}
			if problem := w.member(name, v[name], depth); problem != "" {
				return problem
			}
		}
	}
	return ""
}

func (w *walker) member(name string, value any, depth int) string {
	text, isText := value.(string)
	switch {
	case isText && (name == "description" || name == "title"):
		return "" // they are cleaned
	case isText && (name == "$ref" || name == "$dynamicRef" || name == "$recursiveRef"):
		return w.follow(text)
	}
	return w.value(value, depth+1)
}

func (w *walker) follow(ref string) string {
	if !strings.HasPrefix(ref, "#") {
		return "its schema refers to another document"
	}
	if w.open[ref] {
		return "" // a recursive type
	}
	if len(w.open) >= maxRefs {
		return fmt.Sprintf("its schema has references that lead over more than %d others", maxRefs)
	}
	target, ok := resolve(w.root, ref)
	if !ok {
		return "its schema has a reference to a part that it does not have"
	}
	w.open[ref] = true
	defer delete(w.open, ref)
	return w.value(target, 0)
}

// resolve returns the value that a reference such as #/$defs/city names (RFC 6901).
func resolve(root any, ref string) (any, bool) {
	pointer, err := url.PathUnescape(ref[1:])
	if err != nil || pointer != "" && pointer[0] != '/' {
		return nil, false
	}
	value := root
	for name := range strings.SplitSeq(strings.TrimPrefix(pointer, "/"), "/") {
		if pointer == "" {
			break
		}
		object, ok := value.(map[string]any)
		if !ok {
			return nil, false // an index of a list is not worth the code
		}
		if value, ok = object[strings.NewReplacer("~1", "/", "~0", "~").Replace(name)]; !ok {
			return nil, false
		}
	}
	return value, true
}

// cleanSchema returns a schema whose descriptions and titles are clean.
func cleanSchema(text json.RawMessage) json.RawMessage {
	if !mayHide(string(text)) {
		return text
	}
	var root any
	if json.Unmarshal(text, &root) != nil {
		return text
	}
	cleaned, err := json.Marshal(cleanValue(root))
	if err != nil {
		return text
	}
	return cleaned
}

// mayHide reports whether a JSON text may have something that Clean removes. A backslash may
// escape it.
func mayHide(text string) bool {
	return strings.Contains(text, commentBegin) || strings.ContainsRune(text, '\\') || hasHidden(text)
}

func cleanValue(value any) any {
	switch v := value.(type) {
	case []any:
		for i := range v {
			v[i] = cleanValue(v[i])
		}
	case map[string]any:
		for name, member := range v {
			if text, ok := member.(string); ok && (name == "description" || name == "title") {
				v[name] = Clean(text)
				continue
			}
			v[name] = cleanValue(member)
		}
	}
	return value
}
