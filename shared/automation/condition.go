package automation

import (
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// maxTests bounds the depth of a test, and the tests of one all or any.
const maxTests = 10

var ops = []Op{Equal, NotEqual, Less, LessOrEqual, Greater, GreaterOrEqual, Contains, StartsWith, Exists, Empty}

// test reads a test.
func (p *parser) test(path string, value any, depth int) Test {
	r := read(path, value, p.fail)
	if depth > maxTests {
		r.refuse("", "is nested too deeply: at most %d levels", maxTests)
		return Test{}
	}
	var t Test
	kinds := 0
	for _, field := range []string{"op", "all", "any", "not"} {
		if _, ok := r.get(field); ok {
			kinds++
		}
	}
	if kinds != 1 {
		r.refuse("", "must have one of op, all, any and not")
		return t
	}
	if not, ok := r.get("not"); ok {
		inner := p.test(r.at("not"), not, depth+1)
		t.Not = &inner
	}
	t.All, t.Any = p.tests(r, "all", depth), p.tests(r, "any", depth)
	if _, ok := r.get("op"); ok {
		t.Left, t.Op = r.need("left", 200), oneOf(r, "op", ops...)
		right, given := r.fields["right"]
		r.known["right"] = true
		switch {
		case t.Op == Exists || t.Op == Empty:
			if given {
				r.refuse("right", "is not a field of %s", t.Op)
			}
		case !given:
			r.refuse("right", "must be a JSON value")
		default:
			t.Right, _ = Encode(right) // it was JSON
		}
	}
	r.end("a test")
	return t
}

func (p *parser) tests(r *reader, field string, depth int) []Test {
	all := r.list(field)
	if _, ok := r.get(field); ok && (len(all) == 0 || len(all) > maxTests) {
		r.refuse(field, "must be a list of 1 to %d tests", maxTests)
		return nil
	}
	var tests []Test
	for i, v := range all {
		tests = append(tests, p.test(fmt.Sprintf("%s[%d]", r.at(field), i), v, depth+1))
	}
	return tests
}

// Holds reports whether the test holds for data, which is JSON as encoding/json decodes it
// with numbers as json.Number.
func (t Test) Holds(data any) bool {
	holds := func(t Test) bool { return t.Holds(data) }
	switch {
	case t.Not != nil:
		return !t.Not.Holds(data)
	case t.All != nil:
		return !slices.ContainsFunc(t.All, func(t Test) bool { return !t.Holds(data) })
	case t.Any != nil:
		return slices.ContainsFunc(t.Any, holds)
	}
	left, found := Lookup(data, t.Left)
	switch t.Op {
	case Exists:
		return found && left != nil
	case Empty:
		return isEmpty(left)
	}
	right, err := decode(t.Right)
	if err != nil {
		return false
	}
	return compare(t.Op, left, right)
}

func isEmpty(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case string:
		return v == ""
	case []any:
		return len(v) == 0
	case map[string]any:
		return len(v) == 0
	}
	return false
}

func compare(op Op, left, right any) bool {
	switch op {
	case Equal:
		return same(left, right)
	case NotEqual:
		return !same(left, right)
	case Contains:
		if all, ok := left.([]any); ok {
			return slices.ContainsFunc(all, func(v any) bool { return same(v, right) })
		}
		a, b, ok := texts(left, right)
		return ok && strings.Contains(a, b)
	case StartsWith:
		a, b, ok := texts(left, right)
		return ok && strings.HasPrefix(a, b)
	}
	order, ok := order(left, right)
	switch op {
	case Less:
		return ok && order < 0
	case LessOrEqual:
		return ok && order <= 0
	case Greater:
		return ok && order > 0
	case GreaterOrEqual:
		return ok && order >= 0
	}
	return false
}

// same reports whether two values are equal: numbers by their value, such as 1 and 1.0.
func same(left, right any) bool {
	if order, ok := order(left, right); ok {
		return order == 0
	}
	switch left := left.(type) {
	case []any:
		right, ok := right.([]any)
		return ok && slices.EqualFunc(left, right, same)
	case map[string]any:
		right, ok := right.(map[string]any)
		if !ok || len(left) != len(right) {
			return false
		}
		for name, v := range left {
			if other, ok := right[name]; !ok || !same(v, other) {
				return false
			}
		}
		return true
	}
	return reflect.DeepEqual(left, right)
}

// order compares two numbers or two texts.
func order(left, right any) (int, bool) {
	if a, b, ok := texts(left, right); ok {
		return strings.Compare(a, b), true
	}
	a, ok1 := left.(json.Number)
	b, ok2 := right.(json.Number)
	if !ok1 || !ok2 {
		return 0, false
	}
	x, y := number(a), number(b)
	if x == nil || y == nil {
		return 0, false
	}
	return x.Cmp(y), true
}

func texts(left, right any) (a, b string, ok bool) {
	a, ok1 := left.(string)
	b, ok2 := right.(string)
	return a, b, ok1 && ok2
}

// number returns the exact value of a number of a usual size; nil for another one. The exact value
// of 1e-999999 would take a million digits, and a list can have many of them.
func number(n json.Number) *big.Rat {
	if len(n) > 100 {
		return nil
	}
	f, err := n.Float64()
	if size := math.Abs(f); err != nil || size > 1e60 || size < 1e-60 && !isZero(n) {
		return nil
	}
	r, _ := new(big.Rat).SetString(string(n))
	return r
}

// isZero reports whether a number is zero, such as 0, -0.00 or 0e7, and not only rounded to it.
func isZero(n json.Number) bool {
	digits, _, _ := strings.Cut(strings.ToLower(string(n)), "e")
	return !strings.ContainsAny(digits, "123456789")
}

// Lookup returns the value of a name such as trigger.body.orders.0.id: fields of objects and
// places in lists, from 0.
func Lookup(data any, name string) (any, bool) {
	for part := range strings.SplitSeq(name, ".") {
		switch at := data.(type) {
		case map[string]any:
			v, ok := at[part]
			if !ok {
				return nil, false
			}
			data = v
		case []any:
			i, err := strconv.Atoi(part)
			if err != nil || i < 0 || i >= len(at) || part != strconv.Itoa(i) {
				return nil, false
			}
			data = at[i]
		default:
			return nil, false
		}
	}
	return data, true
}

// decode reads JSON with numbers as they are written.
func decode(raw json.RawMessage) (any, error) {
	var v any
	d := json.NewDecoder(strings.NewReader(string(raw)))
	d.UseNumber()
	err := d.Decode(&v)
	return v, err
}
