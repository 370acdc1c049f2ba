package flametalk

import (
	"github.com/quintet-agents/quintet/shared/agent"
	"github.com/quintet-agents/quintet/shared/api/wire/body"
)

// patchFields are the fields of an agent that a body may have.
var patchFields = []string{"name", "description", "instructions"}

// readPatch reads and validates the fields of an agent in a body.
func readPatch(fields body.Object) (agent.Patch, error) {
	var p agent.Patch
	for _, f := range []struct {
		name  string
		field **string
		rule  string
		valid func(string) error
	}{
		{"name", &p.Name, agent.NameRule, agent.ValidateName},
		{"description", &p.Description, agent.DescriptionRule, agent.ValidateDescription},
		{"instructions", &p.Instructions, agent.InstructionsRule, agent.ValidateInstructions},
	} {
		value, err := fields.OptionalString(f.name, f.rule)
		if err != nil {
			return agent.Patch{}, err
		}
		if value == nil {
			continue
		}
		if err := f.valid(*value); err != nil {
			return agent.Patch{}, err
		}
		*f.field = value
	}
	return p, nil
}

// readNew reads the fields of a new agent.
func readNew(fields body.Object) (agent.Patch, error) {
	p, err := readPatch(fields)
	fields = fields.Allow(patchFields...)
	switch {
	case err != nil:
		return p, err
	case p.Name == nil:
		return p, fields.Missing("name", agent.NameRule)
	case p.Instructions == nil:
		return p, fields.Missing("instructions", agent.InstructionsRule)
	}
	return p, nil
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
