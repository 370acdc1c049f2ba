package wire

import (
	"encoding/json"
	"strconv"
	"strings"

	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/ledger"
)

// OptionalInt returns a field that must be a whole number from lo to hi if it is
// there and not null; otherwise nil.
func (o Object) OptionalInt(field string, lo, hi int) (*int, error) {
	if !o.Has(field) {
		return nil, nil
	}
	at := o.at(field)
	n, err := strconv.Atoi(string(o.fields[field]))
	if err != nil || n < lo || n > hi {
		return nil, fault.Field(at, "%s must be a whole number from %d to %d", at, lo, hi)
	}
	return &n, nil
}

// OptionalCredits returns a field that must be an amount of credits if it is
// there and not null; otherwise nil. A number of JSON and a decimal text will
// both do, with up to six places: it is read digit by digit and never rounded.
func (o Object) OptionalCredits(field string) (*ledger.Credits, error) {
	if !o.Has(field) {
		return nil, nil
	}
	at, raw := o.at(field), string(o.fields[field])
	if strings.HasPrefix(raw, `"`) {
		text, err := stringOf(at, json.RawMessage(raw))
		if err != nil {
			return nil, err
		}
		raw = *text
	}
	c, ok := ledger.ParseCredits(raw)
	if !ok {
		return nil, fault.Field(at, "%s must be a number with at most six decimal places", at)
	}
	return &c, nil
}

// OptionalChild returns a field that must be an object if it is there and not
// null; ok tells whether it is. Errors of its fields name it first.
func (o Object) OptionalChild(field string) (child Object, ok bool, err error) {
	if !o.Has(field) {
		return Object{}, false, nil
	}
	child, err = parseObject(o.at(field), o.fields[field])
	return child, err == nil, err
}

// Fields lists the names of an object's fields.
func (o Object) Fields() []string {
	names := make([]string, 0, len(o.fields))
	for name := range o.fields {
		names = append(names, name)
	}
	return names
}
