package template

import (
	"errors"
	"strings"

	"github.com/quintet-agents/quintet/shared/clip"
	"github.com/quintet-agents/quintet/shared/fault"
)

// maxFieldShown bounds, in bytes, the name of a field in an error.
const maxFieldShown = 200

// Shown returns a field as an error shows it: shortened, in valid UTF-8.
func Shown(field string) string {
	return clip.Text(strings.ToValidUTF8(field, "\uFFFD"), maxFieldShown)
}

// Refused returns the error of a field whose template cannot be parsed: an Invalid one with the
// line and the column of the mistake.
func Refused(field string, err error) error {
	shown := Shown(field)
	if mistake, ok := errors.AsType[*Error](err); ok {
		return fault.Field(field, "%s must be a template; line %d, column %d: %s", shown, mistake.Line, mistake.Column, mistake.Problem)
	}
	return fault.Field(field, "%s must be a template", shown)
}
