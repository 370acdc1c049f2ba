package body

import (
	"encoding/json"
	"fmt"

	"github.com/quintet-agents/quintet/shared/fault"
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

// OptionalObjects returns a field that must be a list of objects if it is there and not
// null; otherwise nil. The errors of their fields name their place in the list, and all their
// texts are what String would accept. rule says what the list may be, as in "must be a list
// of components".
func (o Object) OptionalObjects(field, rule string) ([]Object, error) {
	if !o.Has(field) {
		return nil, nil
	}
	at, list := o.at(field), o.fields[field]
	var raw []json.RawMessage
	if json.Unmarshal(list, &raw) != nil {
		return nil, otherKind(at, rule, list)
	}
	if err := checkText(list, texts(list)); err != nil {
		return nil, fault.Field(at, "%s %s", at, err.Error())
	}
	objects := make([]Object, 0, len(raw))
	for i, element := range raw {
		object, err := parseObject(fmt.Sprintf("%s[%d]", at, i), element)
		if err != nil {
			return nil, err
		}
		objects = append(objects, object)
	}
	return objects, nil
}
