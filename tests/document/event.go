package document

import (
	"encoding/json"
	"fmt"

	"github.com/getkin/kin-openapi/openapi3"
)

// Events lists the types of events that the document describes.
func (d *Document) Events() []string {
	var all []string
	for name := range d.spec.Webhooks {
		all = append(all, name)
	}
	return all
}

// CheckEvent returns an error that names the difference between a webhook event and the document.
func (d *Document) CheckEvent(body []byte) error {
	var value any
	if err := json.Unmarshal(body, &value); err != nil {
		return err
	}
	fields, _ := value.(map[string]any)
	name, _ := fields["type"].(string)
	item := d.spec.Webhooks[name]
	if item == nil || item.Post == nil {
		return fmt.Errorf("event %q is not in the document", name)
	}
	schema := item.Post.RequestBody.Value.Content.Get("application/json").Schema.Value
	return schema.VisitJSON(value, openapi3.EnableJSONSchema2020(), openapi3.MultiErrors())
}
