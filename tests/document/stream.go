package document

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// streams are the media types whose schema describes one item of many, with the parsers of their bodies.
var streams = map[string]func(body string) ([]any, error){
	"text/event-stream":    events,
	"application/x-ndjson": lines,
}

// checkStream checks each item of a stream against its schema.
func checkStream(schema *openapi3.Schema, split func(string) ([]any, error), body []byte) error {
	items, err := split(string(body))
	if err != nil {
		return err
	}
	if len(items) == 0 {
		return errors.New("the stream is empty")
	}
	for i, item := range items {
		if err := visit(schema, item); err != nil {
			return fmt.Errorf("item %d: %v: %w", i, item, err)
		}
		if err := checkContent(schema, item); err != nil {
			return fmt.Errorf("item %d: %v: %w", i, item, err)
		}
	}
	return nil
}

func visit(schema *openapi3.Schema, value any) error {
	return schema.VisitJSON(value, openapi3.EnableJSONSchema2020(), openapi3.VisitAsResponse(), openapi3.MultiErrors())
}

// checkContent checks the JSON in an event's data against the contentSchema of the event's branch, which
// validators ignore.
func checkContent(schema *openapi3.Schema, item any) error {
	event, _ := item.(map[string]any)
	data, ok := event["data"].(string)
	if !ok {
		return nil
	}
	for _, branch := range branches(schema) {
		own := branch.Value.Properties["data"]
		if own == nil || visit(branch.Value, item) != nil {
			continue
		}
		if own.Value.ContentSchema == nil {
			return nil
		}
		var content any
		if err := json.Unmarshal([]byte(data), &content); err != nil {
			return err
		}
		return visit(own.Value.ContentSchema.Value, content)
	}
	return errors.New("no branch of the schema describes the event's data")
}

// branches returns the alternatives of an item's schema.
func branches(schema *openapi3.Schema) openapi3.SchemaRefs {
	all := schema.OneOf
	for _, part := range schema.AllOf {
		all = append(all, branches(part.Value)...)
	}
	return all
}

// events parses server-sent events as the HTML standard specifies: comments are dropped, fields are kept
// unchanged.
func events(body string) ([]any, error) {
	blocks := strings.Split(body, "\n\n")
	if blocks[len(blocks)-1] != "" {
		return nil, errors.New("the last event has no empty line after it")
	}
	var all []any
	for _, block := range blocks {
		event := map[string]any{}
		for line := range strings.SplitSeq(block, "\n") {
			name, value, _ := strings.Cut(line, ":")
			if name == "" {
				continue
			}
			if event[name] != nil {
				return nil, fmt.Errorf("an event has two fields %s", name)
			}
			event[name] = strings.TrimPrefix(value, " ")
		}
		if len(event) > 0 {
			all = append(all, event)
		}
	}
	return all, nil
}

// lines parses a body with one JSON value per line.
func lines(body string) ([]any, error) {
	whole, ok := strings.CutSuffix(body, "\n")
	if !ok {
		return nil, errors.New("the last line has no newline")
	}
	var all []any
	for line := range strings.SplitSeq(whole, "\n") {
		var value any
		if err := json.Unmarshal([]byte(line), &value); err != nil {
			return nil, fmt.Errorf("line %q: %w", line, err)
		}
		all = append(all, value)
	}
	return all, nil
}
