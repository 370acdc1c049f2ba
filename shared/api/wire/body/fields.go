package body

import (
	"slices"
	"strconv"
	"strings"

	"github.com/quintet-agents/quintet/shared/fault"
)

// Allow returns the object with the names of the fields that its handler reads. Other
// fields are ignored, but the errors of Missing and NoChange name one of them: the usual
// reason for a missing field is a misspelt one.
func (o Object) Allow(fields ...string) Object {
	o.allowed = fields
	return o
}

// Missing returns the error for a required field that is not there or null. rule says
// what the field may be, as in "must be a string".
func (o Object) Missing(field, rule string) error {
	at := o.at(field)
	if o.IsNull(field) {
		return fault.Field(at, "%s %s, not null", at, rule)
	}
	if _, unknown := o.unknown(); unknown != "" {
		return fault.Field(at, "%s is required and %s; unknown %s", at, rule, unknown)
	}
	return fault.Field(at, "%s is required and %s", at, rule)
}

// NoChange returns the error for the body of a PATCH that changes nothing, or for an
// object within it. It names an unknown field, or else one that must not be null.
func (o Object) NoChange() error {
	if name, unknown := o.unknown(); unknown != "" {
		return fault.Field(name, "Unknown %s", unknown)
	}
	names := o.names()
	last := len(names) - 1
	all := strings.Join(names[:last], ", ") + " and " + names[last]
	for i, name := range o.allowed {
		if o.IsNull(name) {
			return fault.Field(names[i], "%s must not be null; at least one of %s is required", names[i], all)
		}
	}
	return fault.Field("body", "At least one of %s is required", all)
}

// unknown returns a field that is not allowed, with a text for errors. A name that
// resembles an allowed one is preferred.
func (o Object) unknown() (name, text string) {
	if len(o.allowed) == 0 {
		return "", ""
	}
	var meant string
	seen := 0
	for _, field := range o.Fields() {
		if slices.Contains(o.allowed, field) {
			continue
		}
		if seen++; seen > maxUnknown {
			break
		}
		like := slices.IndexFunc(o.allowed, func(name string) bool { return !o.Has(name) && resemble(name, field) })
		if name == "" || meant == "" && like >= 0 {
			name = field
			if like >= 0 {
				meant = o.allowed[like]
			}
		}
	}
	if name == "" {
		return "", ""
	}
	name = o.at(shortened(name))
	text = "field " + strconv.Quote(name)
	if meant != "" {
		text += " (did you mean " + o.at(meant) + "?)"
	}
	return name, text + "; allowed: " + strings.Join(o.names(), ", ")
}

// names returns the names of the allowed fields with their paths.
func (o Object) names() []string {
	names := make([]string, 0, len(o.allowed))
	for _, name := range o.allowed {
		names = append(names, o.at(name))
	}
	return names
}

// resemble reports whether two names differ by at most two letters, apart from case and
// separators.
func resemble(a, b string) bool {
	if len(a) > maxNamed || len(b) > maxNamed {
		return false
	}
	plain := strings.NewReplacer("_", "", "-", "", " ", "")
	a, b = plain.Replace(strings.ToLower(a)), plain.Replace(strings.ToLower(b))
	return distance(a, b) <= min(2, max(len(a), len(b))/2)
}

// distance returns how many bytes must be inserted, deleted or replaced to make one name
// of the other.
func distance(a, b string) int {
	row := make([]int, len(b)+1) // distances of the prefixes of b from one of a
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			replaced := diagonal
			if a[i] != b[j] {
				replaced++
			}
			diagonal = row[j+1]
			row[j+1] = min(replaced, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}

// maxUnknown is how many unknown fields are compared with the allowed ones: a body may have
// a hundred thousand.
const maxUnknown = 20

// The longest name that errors repeat, and how much they repeat of one that may be a
// secret, in characters.
const (
	maxNamed  = 64
	maxSecret = 4
)

// shortened returns a name as errors show it: at most maxNamed characters of it, and at most
// maxSecret of a key or a password in the place of a name. Errors are shown and logged.
func shortened(name string) string {
	limit := maxNamed
	if maybeSecret(name) {
		limit = maxSecret
	}
	if r := []rune(name); len(r) > limit {
		return string(r[:limit]) + "..."
	}
	return name
}

// maybeSecret reports whether a name may be a secret by accident: it has the form of one of
// our keys, or 20 letters and digits in a row with a digit among them.
func maybeSecret(name string) bool {
	const inARow = 20
	letters, digits := 0, 0
	for _, c := range []byte(name) {
		switch {
		case '0' <= c && c <= '9':
			digits++
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z':
			letters++
		default:
			letters, digits = 0, 0
		}
		if digits > 0 && letters+digits >= inARow {
			return true
		}
	}
	return strings.Contains(name, "_live_")
}
