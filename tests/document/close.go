package document

import (
	"encoding/json"
	"fmt"
	"strings"
)

// closeAnswers returns the document with unknown fields forbidden in every object of its answers and webhook
// events. Schemas without properties, and those that allow or forbid unknown fields themselves, are unchanged.
func closeAnswers(text []byte) ([]byte, error) {
	var document map[string]any
	if err := json.Unmarshal(text, &document); err != nil {
		return nil, err
	}
	c := closer{document: document, done: map[string]bool{}}
	c.answers(document)
	c.events(document)
	if c.err != nil {
		return nil, c.err
	}
	return json.Marshal(document)
}

type closer struct {
	document map[string]any
	done     map[string]bool // components that were processed
	err      error
}

// answers finds the schemas of all answers: they are below "responses", in an operation or in the components.
func (c *closer) answers(node any) {
	switch node := node.(type) {
	case map[string]any:
		for key, value := range node {
			if responses, ok := value.(map[string]any); ok && key == "responses" {
				c.contents(responses)
				continue
			}
			c.answers(value)
		}
	case []any:
		for _, value := range node {
			c.answers(value)
		}
	}
}

// events finds the schemas of webhook events.
func (c *closer) events(document map[string]any) {
	webhooks, _ := document["webhooks"].(map[string]any)
	for _, item := range webhooks {
		item, _ := item.(map[string]any)
		post, _ := item["post"].(map[string]any)
		c.contents(map[string]any{"": post["requestBody"]})
	}
}

func (c *closer) contents(responses map[string]any) {
	for _, response := range responses {
		response, _ := response.(map[string]any)
		content, _ := response["content"].(map[string]any)
		for _, media := range content {
			if media, ok := media.(map[string]any); ok {
				c.whole(media["schema"])
			}
		}
	}
}

// whole closes a schema that describes a whole value.
func (c *closer) whole(schema any) {
	s, ok := schema.(map[string]any)
	if !ok {
		return
	}
	describes := false
	for _, key := range []string{"$ref", "properties", "allOf", "oneOf", "anyOf"} {
		describes = describes || s[key] != nil
	}
	c.below(s)
	if !describes || s["additionalProperties"] != nil || s["unevaluatedProperties"] != nil {
		return
	}
	s["unevaluatedProperties"] = false
	if ref := s["$ref"]; ref != nil {
		// This form is equivalent: in kin-openapi, the keyword beside $ref cannot see the properties that the
		// reference has evaluated.
		delete(s, "$ref")
		s["allOf"] = []any{map[string]any{"$ref": ref}}
	}
}

// below closes the schemas of a value's parts. A member of allOf and the like does not describe the whole
// value: another member may allow further fields.
func (c *closer) below(s map[string]any) {
	if properties, ok := s["properties"].(map[string]any); ok {
		for _, property := range properties {
			c.whole(property)
		}
	}
	for _, key := range []string{"items", "additionalProperties", "contentSchema"} {
		c.whole(s[key])
	}
	for _, key := range []string{"allOf", "oneOf", "anyOf"} {
		members, _ := s[key].([]any)
		for _, member := range members {
			if member, ok := member.(map[string]any); ok {
				c.below(member)
			}
		}
	}
	if ref, ok := s["$ref"].(string); ok && !c.done[ref] {
		c.done[ref] = true
		c.below(c.component(ref))
	}
}

func (c *closer) component(ref string) map[string]any {
	name, ok := strings.CutPrefix(ref, "#/components/schemas/")
	components, _ := c.document["components"].(map[string]any)
	schemas, _ := components["schemas"].(map[string]any)
	schema, found := schemas[name].(map[string]any)
	if !ok || !found {
		c.err = fmt.Errorf("%s is not a schema of the document", ref)
	}
	return schema
}
