package body

import (
	"encoding/json"
	"fmt"
)

// OptionalStrings returns a field that must be a list of strings if it is there
// and not null; otherwise nil. rule says what the list may be, as in "must be a list of
// names".
func (o Object) OptionalStrings(field, rule string) ([]string, error) {
	if !o.Has(field) {
		return nil, nil
	}
	at := o.at(field)
	var raw []json.RawMessage
	if json.Unmarshal(o.fields[field], &raw) != nil {
		return nil, otherKind(at, rule, o.fields[field])
	}
	list := make([]string, 0, len(raw))
	for i, element := range raw {
		s, err := stringOf(fmt.Sprintf("%s[%d]", at, i), element, aString)
		if err != nil {
			return nil, err
		}
		list = append(list, s)
	}
	return list, nil
}
