package wire

import (
	"maps"
	"slices"
	"strconv"

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

// OptionalCredits returns a field that must be an amount of credits from lo to
// hi if it is there and not null; otherwise nil. A number of JSON will do and a
// text of one, with up to six places: it is read digit by digit, never rounded.
func (o Object) OptionalCredits(field string, lo, hi ledger.Credits) (*ledger.Credits, error) {
	if !o.Has(field) {
		return nil, nil
	}
	at, raw := o.at(field), string(o.fields[field])
	if o.Begins(field, '"') {
		text, err := stringOf(at, o.fields[field])
		if err != nil {
			return nil, err
		}
		raw = *text
	}
	c, ok := ledger.ParseCredits(raw)
	if !ok || c < lo || c > hi {
		return nil, fault.Field(at, "%s must be a number from %s to %s with at most six decimal places", at, lo.Number(), hi.Number())
	}
	return &c, nil
}

// OptionalChild returns a field that must be an object if it is there and not
// null; ok tells whether it is. Errors of its fields name it first, and all its
// texts are what String would accept.
func (o Object) OptionalChild(field string) (child Object, ok bool, err error) {
	if !o.Has(field) {
		return Object{}, false, nil
	}
	at, raw := o.at(field), o.fields[field]
	if child, err = parseObject(at, raw); err != nil {
		return Object{}, false, err
	}
	if err := checkText(raw, texts(raw)); err != nil {
		return Object{}, false, fault.Field(at, "%s %s", at, err.Error())
	}
	return child, true, nil
}

// Fields lists the names of an object's fields in their alphabetical order.
func (o Object) Fields() []string { return slices.Sorted(maps.Keys(o.fields)) }
