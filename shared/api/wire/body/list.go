package body

import (
	"encoding/json"

	"github.com/quintet-agents/quintet/shared/fault"
)

// OptionalStrings returns a field that must be a list of strings if it is there
// and not null; otherwise nil.
func (o Object) OptionalStrings(field string) ([]string, error) {
	if !o.Has(field) {
		return nil, nil
	}
	at := o.at(field)
	var raw []json.RawMessage
	if json.Unmarshal(o.fields[field], &raw) != nil {
		return nil, fault.Field(at, "%s must be a list of strings", at)
	}
	list := make([]string, 0, len(raw))
	for _, element := range raw {
		if len(element) == 0 || element[0] != '"' {
			return nil, fault.Field(at, "%s must be a list of strings", at)
		}
		s, err := stringOf(at, element)
		if err != nil {
			return nil, err
		}
		list = append(list, *s)
	}
	return list, nil
}
