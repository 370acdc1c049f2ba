package wire

import (
	"strings"

	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/turn"
)

// MessageText returns a required message content that a turn can take: text or
// text parts, not blank, at most turn.MaxText bytes.
func MessageText(o Object, field string) (string, error) {
	content, err := o.Text(field)
	if err != nil {
		return "", err
	}
	return content, CheckText(o.at(field), content)
}

// CheckText returns an Invalid error unless a turn can take the text.
func CheckText(field, text string) error {
	switch {
	case strings.TrimSpace(text) == "":
		return fault.Field(field, "%s must not be blank", field)
	case len(text) > turn.MaxText:
		return fault.Field(field, "%s must be at most %d bytes", field, turn.MaxText)
	}
	return nil
}
