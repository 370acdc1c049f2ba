package body

import (
	"fmt"
	"maps"
	"math"
	"slices"
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
	at, raw := o.at(field), o.fields[field]
	rule := fmt.Sprintf("must be a whole number from %d to %d", lo, hi)
	if !isNumber(raw) {
		return nil, otherKind(at, rule, raw)
	}
	n, err := wholeNumber(string(raw))
	if err != nil || n < lo || n > hi {
		return nil, fault.Rule(at, rule)
	}
	return &n, nil
}

// OptionalNumber returns a field that must be a number from lo to hi if it is there and not
// null; otherwise nil.
func (o Object) OptionalNumber(field string, lo, hi float64) (*float64, error) {
	if !o.Has(field) {
		return nil, nil
	}
	at, raw := o.at(field), o.fields[field]
	rule := fmt.Sprintf("must be a number from %v to %v", lo, hi)
	if !isNumber(raw) {
		return nil, otherKind(at, rule, raw)
	}
	n, err := strconv.ParseFloat(string(raw), 64)
	if err != nil || n < lo || n > hi {
		return nil, fault.Rule(at, rule)
	}
	return new(n + 0), nil // -0 becomes 0
}

func isNumber(raw []byte) bool { return kindOf(raw) == aNumber }

// wholeNumber reads a JSON number without a fraction, in any notation: 600, 600.0 and 6e2 are equal.
func wholeNumber(s string) (int, error) {
	if n, err := strconv.Atoi(s); err == nil {
		return n, nil
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || f != math.Trunc(f) || math.Abs(f) > 1<<53 || strings.ContainsAny(s, "xXnN_") {
		return 0, strconv.ErrSyntax
	}
	return int(f), nil
}

// Credits returns a field that must be there and be an amount of credits from lo to hi,
// as OptionalCredits reads it.
func (o Object) Credits(field string, lo, hi ledger.Credits) (ledger.Credits, error) {
	if !o.Has(field) {
		return 0, o.Missing(field, creditsRule(lo, hi))
	}
	c, err := o.OptionalCredits(field, lo, hi)
	if err != nil {
		return 0, err
	}
	return *c, nil
}

// OptionalCredits returns a field that must be an amount of credits from lo to
// hi if it is there and not null; otherwise nil. A number of JSON will do and a
// text of one without an exponent, with up to six places: it is read digit by
// digit, never rounded.
func (o Object) OptionalCredits(field string, lo, hi ledger.Credits) (*ledger.Credits, error) {
	if !o.Has(field) {
		return nil, nil
	}
	at, raw, plain := o.at(field), string(o.fields[field]), true
	rule := creditsRule(lo, hi)
	switch {
	case o.Begins(field, '"'):
		text, err := stringOf(at, o.fields[field], rule)
		if err != nil {
			return nil, err
		}
		raw = text
		plain = !strings.ContainsAny(raw, "eE")
	case !isNumber(o.fields[field]):
		return nil, otherKind(at, rule, o.fields[field])
	}
	c, ok := ledger.ParseCredits(raw)
	if !ok || !plain || c < lo || c > hi {
		return nil, fault.Rule(at, rule)
	}
	return &c, nil
}

func creditsRule(lo, hi ledger.Credits) string {
	return fmt.Sprintf("must be a number from %s to %s with at most six decimal places", lo.Number(), hi.Number())
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
		return Object{}, false, fault.Rule(at, err.Error())
	}
	return child, true, nil
}

// Child returns a field that must be there and be an object, as OptionalChild reads it.
func (o Object) Child(field string) (Object, error) {
	child, ok, err := o.OptionalChild(field)
	if err == nil && !ok {
		err = o.Missing(field, anObject)
	}
	return child, err
}

// Fields lists the names of an object's fields in their alphabetical order.
func (o Object) Fields() []string { return slices.Sorted(maps.Keys(o.fields)) }
