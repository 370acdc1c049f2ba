package automation

import (
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/quintet-agents/quintet/shared/api/wire"
	"github.com/quintet-agents/quintet/shared/api/wire/body"
	"github.com/quintet-agents/quintet/shared/api/wire/param"
	"github.com/quintet-agents/quintet/shared/automation"
	_ "github.com/quintet-agents/quintet/shared/automation/zones" // schedules name them
	"github.com/quintet-agents/quintet/shared/event"
)

// automationID returns the automation that the path names. What can be no id is none.
func automationID(r *http.Request) (string, error) {
	return param.PathUUID(r, "id", automation.ErrNotFound)
}

const triggerRule = "must be an object"

var stepsRule = fmt.Sprintf("must be a list of 1 to %d steps", automation.MaxSteps)

// readNew reads a new automation.
func readNew(fields body.Object) (name string, p automation.Parsed, err error) {
	fields = fields.Allow("name", "trigger", "steps")
	if name, err = fields.String("name", automation.NameRule); err != nil {
		return "", p, err
	}
	if name, err = automation.CleanName(name); err != nil {
		return "", p, err
	}
	if !fields.Has("trigger") {
		return "", p, fields.Missing("trigger", triggerRule)
	}
	if !fields.Has("steps") {
		return "", p, fields.Missing("steps", stepsRule)
	}
	d, err := readDefinition(fields)
	if err != nil {
		return "", p, err
	}
	p, err = d.parse(automation.Definition{})
	return name, p, err
}

// change is what a body changes of an automation. nil and absent: nothing.
type change struct {
	name       *string
	disabled   *bool
	definition definition
}

func readChange(fields body.Object) (c change, err error) {
	fields = fields.Allow("name", "trigger", "steps", "disabled")
	for field, rule := range map[string]string{"name": automation.NameRule, "trigger": triggerRule, "steps": stepsRule, "disabled": "must be true or false"} {
		if fields.IsNull(field) { // no field has a default that null could mean
			return c, fields.Missing(field, rule)
		}
	}
	if c.name, err = fields.OptionalString("name", automation.NameRule); err != nil {
		return c, err
	}
	if c.name != nil {
		name, err := automation.CleanName(*c.name)
		if err != nil {
			return c, err
		}
		c.name = &name
	}
	if c.disabled, err = fields.OptionalBool("disabled"); err != nil {
		return c, err
	}
	if c.definition, err = readDefinition(fields); err != nil {
		return c, err
	}
	if c.name == nil && c.disabled == nil && c.definition.empty() {
		return c, fields.NoChange()
	}
	return c, nil
}

// definition has the parts of a definition as they were sent; nil: not sent.
type definition struct {
	trigger json.RawMessage
	steps   []json.RawMessage
}

func readDefinition(fields body.Object) (d definition, err error) {
	if d.trigger, err = fields.OptionalObject("trigger", automation.MaxDefinition); err != nil {
		return d, err
	}
	steps, err := fields.OptionalObjects("steps", stepsRule)
	if err != nil {
		return d, err
	}
	if steps != nil {
		d.steps = []json.RawMessage{}
	}
	for _, step := range steps {
		d.steps = append(d.steps, step.Raw)
	}
	return d, nil
}

func (d definition) empty() bool { return d.trigger == nil && d.steps == nil }

// parse returns the definition, with the parts of before in the place of those that were not
// sent.
func (d definition) parse(before automation.Definition) (automation.Parsed, error) {
	whole := struct {
		Trigger any `json:"trigger"`
		Steps   any `json:"steps"`
	}{before.Trigger, before.Steps}
	if d.trigger != nil {
		whole.Trigger = d.trigger
	}
	if d.steps != nil {
		whole.Steps = d.steps
	}
	raw, err := wire.Encode(whole)
	if err != nil {
		return automation.Parsed{}, err
	}
	return automation.Parse(raw, event.Types)
}
