package body

import (
	"slices"
	"strconv"
	"strings"

	"github.com/quintet-agents/quintet/shared/fault"
)

// NoChange returns the error for the body of a PATCH that changes nothing. It names a
// field that is not among the allowed ones, which is most often a misspelt one.
func (o Object) NoChange(allowed ...string) error {
	for _, name := range o.Fields() {
		if !slices.Contains(allowed, name) {
			return fault.Field(name, "Unknown field %s; allowed: %s", strconv.Quote(shortened(name)), strings.Join(allowed, ", "))
		}
	}
	last := len(allowed) - 1
	return fault.Field("body", "At least one of %s and %s is required", strings.Join(allowed[:last], ", "), allowed[last])
}

// shortened returns a text of at most 64 characters.
func shortened(text string) string {
	const longest = 64
	if r := []rune(text); len(r) > longest {
		return string(r[:longest]) + "..."
	}
	return text
}
