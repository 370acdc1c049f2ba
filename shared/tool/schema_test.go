package tool_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/tool"
)

// A schema that cannot be used is refused with words, in little time.
func TestCompileSchema_Refusals(t *testing.T) {
	object := func(rest string) string { return `{"type":"object",` + rest + `}` }
	var bomb strings.Builder // each definition doubles the one before
	bomb.WriteString(`"$ref":"#/$defs/a0","$defs":{`)
	for i := range 14 {
		fmt.Fprintf(&bomb, `"a%d":{"allOf":[{"$ref":"#/$defs/a%d"},{"$ref":"#/$defs/a%d"}]},`, i, i+1, i+1)
	}
	bomb.WriteString(`"a14":{"type":"string"}}`)
	for schema, want := range map[string]string{
		``:                       "parameters must be a JSON Schema",
		`true`:                   `parameters must be a JSON Schema with "type": "object"`,
		`{"type":"string"}`:      `parameters must be a JSON Schema with "type": "object"`,
		`{"type":["object"]}`:    `parameters must be a JSON Schema with "type": "object"`,
		object(`"required":"a"`): "parameters must be a JSON Schema: required must not be a JSON string",
		object(`"properties":{"a":{"type":"text"}}`):                                  "parameters must have as type one of object, array, string, number, integer, boolean, null at properties/a",
		object(`"properties":{"a":{"$ref":"https://evil.example/s.json"}}`):           `parameters must have only references to its own definitions, such as #/$defs/address, not "https://evil.example/s.json"`,
		object(`"properties":{"a":{"$ref":"file:///etc/passwd"}}`):                    `not "file:///etc/passwd"`,
		object(`"properties":{"a":{"$ref":"other.json#/$defs/a"}}`):                   `not "other.json#/$defs/a"`,
		object(`"properties":{"a":{"$ref":1}}`):                                       `not ""`,
		object(`"properties":{"a":{"$ref":"#"}}`):                                     `not "#"`,
		object(`"properties":{"a":{"$ref":"#/$defs/b"}}`):                             "parameters has a $ref to #/$defs/b, which does not exist",
		object(`"$defs":{"a":{"$ref":"#/$defs/b"},"b":{"$ref":"#/$defs/a"}}`):         "parameters must not refer to itself",
		object(`"$defs":{"a":{"properties":{"x":{"$ref":"#/$defs/a"}}}}`):             "parameters must not refer to itself, as $defs/a does",
		object(`"properties":{"a":{"$dynamicRef":"#x"}}`):                             "parameters must not have $dynamicRef at properties/a",
		object(`"properties":{"a":{"$id":"https://a.example"}}`):                      "parameters must not have $id at properties/a",
		object(`"properties":{"a":{"$defs":{}}}`):                                     "parameters must have $defs at its top at properties/a",
		object(`"$schema":"http://json-schema.org/draft-07/schema#"`):                 "parameters must be of JSON Schema 2020-12: $schema must be left out or be https://json-schema.org/draft/2020-12/schema",
		object(`"properties":{"a":{"pattern":"("}}`):                                  `parameters has the pattern "(", which is no regular expression that is supported (RE2)`,
		object(`"properties":{"a":{"pattern":"(?=a)"}}`):                              `parameters has the pattern "(?=a)", which is no regular expression that is supported (RE2)`,
		object(`"patternProperties":{"(x{30}){30}":{},"(y{30}){30}":{},"z{999}":{}}`): "parameters has patterns that are too large",
		object(`"properties":{"a":{"multipleOf":1e-99999999}}`):                       "parameters has the number 1e-99999999, which is too large at properties/a",
		object(`"properties":{"a":{"enum":[1e999999999]}}`):                           "has the number 1e999999999, which is too large at properties/a",
		object(bomb.String()): "parameters has more than 2000 schemas, with those behind each $ref",
		object(`"properties":{"a":{"enum":[` + strings.Repeat("1,", 3000) + `1]}}`):                           "parameters has more than 2000 schemas",
		object(`"properties":{"a":` + strings.Repeat(`{"items":`, 40) + `{}` + strings.Repeat(`}`, 40) + `}`): "parameters is nested deeper than 32",
		object(`"description":"` + strings.Repeat("a", tool.MaxSchema) + `"`):                                 "parameters must be at most 16 KiB",
	} {
		began := time.Now()
		_, err := tool.CompileSchema("parameters", json.RawMessage(schema))
		if !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), want) {
			t.Errorf("%.90s: got %v, want %s", schema, err, want)
		}
		if took := time.Since(began); took > 2*time.Second {
			t.Errorf("%.90s: got an answer after %s, want one at once", schema, took)
		}
	}
}

// Ordinary schemas are accepted, with names that are keywords elsewhere.
func TestCompileSchema(t *testing.T) {
	for _, schema := range []string{
		`{"type":"object"}`, `{"$schema":"https://json-schema.org/draft/2020-12/schema","$id":"https://a.example/x","type":"object"}`,
		`{"type":"object","properties":{"$ref":{"type":"string"},"$id":{"type":"string"},"enum":{"enum":["a",null,{"$ref":"x"}]}}}`,
		`{"type":"object","properties":{"a":{"$ref":"#/$defs/x~1y"},"b":{"$ref":"#/$defs/x~1y"}},"$defs":{"x/y":{"type":"array","items":{"anyOf":[{"type":"string","pattern":"^a+$"},{"type":"null"}]}}}}`,
		`{"type":"object","properties":{"a":{"type":"number","minimum":-1.5e3,"multipleOf":0.01}},"additionalProperties":false,"if":{"required":["a"]},"then":true}`,
	} {
		if _, err := tool.CompileSchema("parameters", json.RawMessage(schema)); err != nil {
			t.Errorf("%s: %v", schema, err)
		}
	}
}

// Arguments that would take long to check are refused before.
func TestSchema_Work(t *testing.T) {
	s, err := tool.CompileSchema("parameters", json.RawMessage(
		`{"type":"object","properties":{"a":{"type":"array","uniqueItems":true,"items":{"enum":[`+strings.Repeat("1.5,", 1500)+`2]}}}}`))
	if err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	_, err = s.Check(json.RawMessage(`{"a":[` + strings.Repeat("3.5,", 100) + `2]}`))
	if err == nil || err.Error() != "the arguments have too many parts" {
		t.Errorf("got %v, want a refusal", err)
	}
	if _, err := s.Check(json.RawMessage(`{"a":[` + strings.Repeat("1.25,", 60) + `2]}`)); err == nil {
		t.Error("got wrong arguments accepted, want an error")
	} else if len(err.Error()) > 8*500 {
		t.Errorf("got %d bytes of problems, want few", len(err.Error()))
	}
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("got it after %s, want some milliseconds", took)
	}
}

// No schema and no arguments crash the check, or take long.
func FuzzSchema(f *testing.F) {
	f.Add(`{"type":"object","properties":{"a":{"$ref":"#/$defs/b"}},"$defs":{"b":{"pattern":"a*"}}}`, `{"a":"b"}`)
	f.Add(`{"type":"object","patternProperties":{"^a":{"oneOf":[{"const":1},{"not":{"type":"null"}}]}},"unevaluatedProperties":false}`, `{"a":1,"b":[1e5]}`)
	f.Add(`{"type":"object","dependentSchemas":{"a":{"required":["b"]}},"prefixItems":[{}],"propertyNames":{"maxLength":3}}`, `[]`)
	f.Fuzz(func(t *testing.T, schema, arguments string) {
		began := time.Now()
		s, err := tool.CompileSchema("parameters", json.RawMessage(schema))
		if err != nil {
			if !fault.Is(err, fault.Invalid) {
				t.Errorf("%q: got %v, want Invalid", schema, err)
			}
			return
		}
		if v, err := s.Check(json.RawMessage(arguments)); err == nil && v == nil {
			t.Errorf("%q: got nothing accepted", arguments)
		}
		if took := time.Since(began); took > 10*time.Second {
			t.Errorf("%q with %q: took %s", schema, arguments, took)
		}
	})
}
