package tool

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"regexp/syntax"
	"slices"
	"strconv"
	"strings"

	"github.com/google/jsonschema-go/jsonschema"

	"github.com/quintet-agents/quintet/shared/fault"
)

// The limits of a schema's work.
const (
	maxSchemaDepth = 32
	maxWeight      = 2000 // subschemas, with those behind references
	maxPatterns    = 2000 // instructions of all compiled patterns
	maxWork        = 100_000
	maxExponent    = 400 // of a number
)

const dialect = "https://json-schema.org/draft/2020-12/schema"

// Schema is the checked JSON Schema of a tool's arguments.
type Schema struct {
	compiled *jsonschema.Resolved
	weight   int // bounds the work that each part of the arguments costs
}

// CompileSchema checks a JSON Schema (2020-12) of an object. An Invalid error of the field
// says what is wrong: it is too large or too deep, refers to other documents or to itself, or
// could make the check of a small text expensive.
func CompileSchema(field string, raw json.RawMessage) (*Schema, error) {
	if len(raw) > MaxSchema {
		return nil, fault.Field(field, "%s must be at most %d KiB", field, MaxSchema>>10)
	}
	doc, err := decode(raw)
	if err != nil {
		return nil, fault.Field(field, "%s must be a JSON Schema", field)
	}
	root, ok := doc.(map[string]any)
	if !ok || root["type"] != "object" {
		return nil, fault.Field(field, `%s must be a JSON Schema with "type": "object"`, field)
	}
	w := walker{root: root, weights: map[string]int{}}
	weight, err := w.schema(root, "", 0)
	if err != nil {
		return nil, fault.Field(field, "%s %s", field, err.Error())
	}
	var schema jsonschema.Schema
	if err := json.Unmarshal(raw, &schema); err != nil {
		return nil, fault.Field(field, "%s must be a JSON Schema: %s", field, misread(err))
	}
	compiled, err := schema.Resolve(nil) // without a loader, it reads no other documents
	if err != nil {
		return nil, fault.Field(field, "%s must be a JSON Schema: %s", field, words(err))
	}
	return &Schema{compiled: compiled, weight: weight}, nil
}

// misread describes a keyword whose value has a wrong type.
func misread(err error) string {
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok && wrong.Field != "" {
		_, keyword, _ := strings.Cut(wrong.Field, ".") // behind the name of a Go type
		return fmt.Sprintf("%s must not be a JSON %s", clipped(keyword), wrong.Value)
	}
	return clipped(err.Error())
}

// walker walks a schema.
type walker struct {
	root     map[string]any
	weights  map[string]int // of definitions; -1 while they are walked
	patterns int
}

// The keywords that contain schemas.
var (
	oneSchema = []string{
		"items", "additionalItems", "contains", "additionalProperties", "propertyNames", "unevaluatedItems", "unevaluatedProperties",
		"not", "if", "then", "else", "contentSchema",
	}
	schemaLists  = []string{"allOf", "anyOf", "oneOf", "prefixItems"}
	namedSchemas = []string{"properties", "patternProperties", "dependentSchemas"}
	refused      = []string{"$dynamicRef", "$dynamicAnchor", "$recursiveRef", "$recursiveAnchor", "$anchor", "$vocabulary"}
)

// schema returns how many schemas are behind one.
func (w *walker) schema(doc any, at string, depth int) (int, error) {
	if depth > maxSchemaDepth {
		return 0, fmt.Errorf("is nested deeper than %d at %s", maxSchemaDepth, at)
	}
	schema, ok := doc.(map[string]any)
	if !ok {
		return 1, nil // true, false, or what the compiler refuses
	}
	if err := allowed(schema, at); err != nil {
		return 0, err
	}
	weight, err := w.values(schema, at)
	if err != nil {
		return 0, err
	}
	n, err := w.children(schema, at, depth)
	if weight += n; err != nil {
		return 0, err
	}
	n, err = w.definitions(schema, at, depth)
	if weight += n; err != nil {
		return 0, err
	}
	if ref, ok := schema["$ref"]; ok {
		n, err := w.reference(ref, depth)
		if weight += n; err != nil {
			return 0, err
		}
	}
	if weight > maxWeight {
		return 0, errHeavy
	}
	return weight, nil
}

var errHeavy = fmt.Errorf("has more than %d schemas, with those behind each $ref", maxWeight)

// allowed refuses keywords that would need more than the schema itself.
func allowed(schema map[string]any, at string) error {
	for _, keyword := range refused {
		if _, ok := schema[keyword]; ok {
			return fmt.Errorf("must not have %s%s", keyword, behind(at))
		}
	}
	if _, ok := schema["$id"]; ok && at != "" {
		return fmt.Errorf("must not have $id%s", behind(at))
	}
	if s, ok := schema["$schema"]; ok && s != dialect {
		return fmt.Errorf("must be of JSON Schema 2020-12: %s must be left out or be %s", "$schema", dialect)
	}
	return nil
}

// child is a schema within another.
type child struct {
	schema any
	at     string
}

// children returns how many schemas are directly within one, with those behind them.
func (w *walker) children(schema map[string]any, at string, depth int) (int, error) {
	var all []child
	for _, keyword := range oneSchema {
		if c, ok := schema[keyword]; ok {
			all = append(all, child{c, at + "/" + keyword})
		}
	}
	for _, keyword := range schemaLists {
		list, _ := schema[keyword].([]any)
		for i, c := range list {
			all = append(all, child{c, fmt.Sprintf("%s/%s/%d", at, keyword, i)})
		}
	}
	for _, keyword := range namedSchemas {
		named, _ := schema[keyword].(map[string]any)
		for name, c := range named {
			if keyword == "patternProperties" {
				if err := w.pattern(name); err != nil {
					return 0, err
				}
			}
			all = append(all, child{c, at + "/" + keyword + "/" + name})
		}
	}
	weight := 0
	for _, c := range all {
		n, err := w.schema(c.schema, c.at, depth+1)
		if err != nil {
			return 0, err
		}
		if weight += n; weight > maxWeight {
			return 0, errHeavy
		}
	}
	return weight, nil
}

// definitions walks the definitions of the root, so that unused ones are checked too.
func (w *walker) definitions(schema map[string]any, at string, depth int) (int, error) {
	total := 0
	for _, keyword := range []string{"$defs", "definitions"} {
		children, ok := schema[keyword].(map[string]any)
		if !ok {
			continue
		}
		if at != "" {
			return 0, fmt.Errorf("must have %s at its top%s", keyword, behind(at))
		}
		for name := range children {
			n, err := w.definition(keyword, name, depth)
			if err != nil {
				return 0, err
			}
			if total += n; total > maxWeight {
				return 0, errHeavy
			}
		}
	}
	return total, nil
}

func (w *walker) definition(keyword, name string, depth int) (int, error) {
	at := "/" + keyword + "/" + name
	switch n := w.weights[at]; {
	case n < 0:
		return 0, fmt.Errorf("must not refer to itself, as %s does", at[1:])
	case n > 0:
		return n, nil
	}
	children, _ := w.root[keyword].(map[string]any)
	child, ok := children[name]
	if !ok {
		return 0, fmt.Errorf("has a $ref to #%s, which does not exist", at)
	}
	w.weights[at] = -1
	n, err := w.schema(child, at, depth+1)
	w.weights[at] = n
	return n, err
}

// reference returns how many schemas are behind a $ref.
func (w *walker) reference(ref any, depth int) (int, error) {
	text, _ := ref.(string)
	keyword, name, ok := strings.Cut(strings.TrimPrefix(text, "#/"), "/")
	if !strings.HasPrefix(text, "#/") || !ok || keyword != "$defs" && keyword != "definitions" || strings.Contains(name, "/") {
		return 0, fmt.Errorf("must have only references to its own definitions, such as #/$defs/address, not %q", clipped(text))
	}
	name, err := url.PathUnescape(name)
	if err != nil {
		return 0, fmt.Errorf("has the reference %q, which is broken", clipped(text))
	}
	return w.definition(keyword, strings.ReplaceAll(strings.ReplaceAll(name, "~1", "/"), "~0", "~"), depth)
}

// values checks what is no schema: numbers and patterns. It returns the weight of the schema
// itself, which grows with its lists of values.
func (w *walker) values(schema map[string]any, at string) (int, error) {
	weight := 1
	for keyword, v := range schema {
		switch keyword {
		case "enum", "const", "default", "examples", "required", "type":
			n, err := weigh(v, 0)
			if err != nil {
				return 0, fmt.Errorf("%s%s", err.Error(), behind(at))
			}
			if keyword == "enum" || keyword == "const" {
				weight += n
			}
			if keyword == "type" && !areTypes(v) {
				return 0, fmt.Errorf("must have as type one of %s%s", strings.Join(types, ", "), behind(at))
			}
		case "pattern":
			if p, ok := v.(string); ok {
				if err := w.pattern(p); err != nil {
					return 0, err
				}
			}
		default:
			if n, ok := v.(json.Number); ok && !plain(n) {
				return 0, fmt.Errorf("has the number %s, which is too large%s", clipped(n.String()), behind(at))
			}
		}
	}
	return weight, nil
}

var types = []string{"object", "array", "string", "number", "integer", "boolean", "null"}

// areTypes reports whether a value is a type of JSON Schema, or a list of types.
func areTypes(v any) bool {
	list, ok := v.([]any)
	if !ok {
		list = []any{v}
	}
	for _, t := range list {
		if name, ok := t.(string); !ok || !slices.Contains(types, name) {
			return false
		}
	}
	return len(list) > 0
}

// pattern counts the instructions of a regular expression.
func (w *walker) pattern(p string) error {
	parsed, err := syntax.Parse(p, syntax.Perl)
	if err != nil {
		return fmt.Errorf("has the pattern %q, which is no regular expression that is supported (RE2)", clipped(p))
	}
	program, err := syntax.Compile(parsed.Simplify())
	if err != nil {
		return fmt.Errorf("has the pattern %q, which is no regular expression that is supported (RE2)", clipped(p))
	}
	if w.patterns += len(program.Inst); w.patterns > maxPatterns {
		return errors.New("has patterns that are too large")
	}
	return nil
}

// weigh counts the parts of a value, and refuses numbers that are expensive to compare.
func weigh(v any, depth int) (int, error) {
	if depth > maxSchemaDepth {
		return 0, fmt.Errorf("is nested deeper than %d", maxSchemaDepth)
	}
	total := 1
	add := func(child any) error {
		n, err := weigh(child, depth+1)
		total += n
		return err
	}
	switch v := v.(type) {
	case json.Number:
		if !plain(v) {
			return 0, fmt.Errorf("has the number %s, which is too large", clipped(v.String()))
		}
	case []any:
		for _, child := range v {
			if err := add(child); err != nil {
				return 0, err
			}
		}
	case map[string]any:
		for _, child := range v {
			if err := add(child); err != nil {
				return 0, err
			}
		}
	}
	return total, nil
}

// plain reports whether a number is cheap to compute with exactly.
func plain(n json.Number) bool {
	digits, exponent, has := strings.Cut(strings.ToLower(n.String()), "e")
	if len(digits) > maxExponent {
		return false
	}
	if !has {
		return true
	}
	e, err := strconv.Atoi(exponent)
	return err == nil && -maxExponent <= e && e <= maxExponent
}

// decode decodes one JSON value with its numbers as they are written.
func decode(raw []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, err
	}
	if d.More() {
		return nil, errors.New("there is more than one value")
	}
	return v, nil
}

func behind(at string) string {
	if at == "" {
		return ""
	}
	return " at " + clipped(at[1:])
}
