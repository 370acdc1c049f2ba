package automation

import (
	"errors"
	"maps"
	"slices"

	"github.com/quintet-agents/quintet/shared/delivery"
	"github.com/quintet-agents/quintet/shared/template"
)

// Request returns the request of an HTTP step with the values of the position. The error is a
// *FailedError: a value does not fit.
func (p Position) Request() (delivery.Call, error) {
	c, err := Compile(p.Step)
	if err != nil {
		return delivery.Call{}, unrendered("request", err)
	}
	call, err := c.request.Render(p.Data)
	if err != nil {
		return delivery.Call{}, unrendered("request", err)
	}
	return call, nil
}

// Texts returns the texts of a step with the values of the position, by field: prompt, thread_id,
// to, subject, text. The error is a *FailedError.
func (p Position) Texts() (map[string]string, error) {
	c, err := Compile(p.Step)
	if err != nil {
		return nil, unrendered("step", err)
	}
	return p.render(c.texts, "")
}

// Parameters returns the parameters of a template step with the values of the position. The error
// is a *FailedError.
func (p Position) Parameters() (map[string]string, error) {
	c, err := Compile(p.Step)
	if err != nil {
		return nil, unrendered("step", err)
	}
	return p.render(c.groups["parameters"], "parameters.")
}

func (p Position) render(all map[string]*template.Template, prefix string) (map[string]string, error) {
	texts := make(map[string]string, len(all))
	for _, field := range slices.Sorted(maps.Keys(all)) {
		text, err := all[field].Render(p.Data)
		if err != nil {
			return nil, unrendered(prefix+field, err)
		}
		texts[field] = text
	}
	return texts, nil
}

// unrendered returns the failure of a step whose values do not fit into its templates.
func unrendered(what string, err error) *FailedError {
	text := err.Error()
	if mistake, ok := errors.AsType[*template.Error](err); ok {
		text = mistake.Problem
	}
	return &FailedError{Message: "The " + what + " could not be made of its template: " + text}
}
