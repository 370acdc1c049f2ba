package automation

import (
	"fmt"
	"iter"
)

// All returns all steps with their places, such as steps[2].then[0], in the order in which
// they run.
func (d Definition) All() iter.Seq2[string, Step] {
	return func(yield func(string, Step) bool) { walk("steps", d.Steps, yield) }
}

// secretHeaders returns how many secret headers the steps have.
func (d Definition) secretHeaders() int {
	n := 0
	for _, s := range d.All() {
		n += len(s.SecretHeaders)
	}
	return n
}

func walk(path string, steps []Step, yield func(string, Step) bool) bool {
	for i, s := range steps {
		at := fmt.Sprintf("%s[%d]", path, i)
		if !yield(at, s) || !walk(at+".then", s.Then, yield) || !walk(at+".else", s.Else, yield) || !walk(at+".steps", s.Steps, yield) {
			return false
		}
	}
	return true
}

// leaves returns the comparisons of a test with their places.
func (t Test) leaves(path string) iter.Seq2[string, Test] {
	return func(yield func(string, Test) bool) { t.walk(path, yield) }
}

func (t Test) walk(path string, yield func(string, Test) bool) bool {
	if t.Op != "" && !yield(path, t) {
		return false
	}
	if t.Not != nil && !t.Not.walk(path+".not", yield) {
		return false
	}
	for field, all := range map[string][]Test{"all": t.All, "any": t.Any} {
		for i, inner := range all {
			if !inner.walk(fmt.Sprintf("%s.%s[%d]", path, field, i), yield) {
				return false
			}
		}
	}
	return true
}
