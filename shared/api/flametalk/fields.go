package flametalk

import (
	"github.com/quintet-agents/quintet/shared/agent"
	"github.com/quintet-agents/quintet/shared/api/wire/body"
	"github.com/quintet-agents/quintet/shared/fault"
)

// readPatch reads the fields of an agent that a body carries, each valid.
func readPatch(fields body.Object) (agent.Patch, error) {
	var p agent.Patch
	for _, f := range []struct {
		name  string
		field **string
		valid func(string) error
	}{
		{"name", &p.Name, agent.ValidateName},
		{"description", &p.Description, agent.ValidateDescription},
		{"instructions", &p.Instructions, agent.ValidateInstructions},
	} {
		value, err := fields.OptionalString(f.name)
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

func requireNew(p agent.Patch) error {
	if p.Name == nil {
		return fault.Field("name", "name is required")
	}
	if p.Instructions == nil {
		return fault.Field("instructions", "instructions is required")
	}
	return nil
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
