package inbox

import (
	"strings"
	"unicode/utf8"

	"github.com/quintet-agents/quintet/shared/fault"
)

// ContactPatch is a change of a contact. Nil fields stay as they are.
type ContactPatch struct {
	Name     *string
	OptedOut *bool
}

// Apply returns the changed contact.
func (p ContactPatch) Apply(c Contact) Contact {
	if p.Name != nil {
		c.Name = *p.Name
	}
	if p.OptedOut != nil {
		c.OptedOut = *p.OptedOut
	}
	return c
}

// MaxContactName is the longest name of a contact, in characters.
const MaxContactName = 100

// ContactNameRule describes the name of a contact.
const ContactNameRule = "must be a string of 1 to 100 characters"

// CleanContactName returns a contact's name without blanks around it.
func CleanContactName(name string) (string, error) {
	name = strings.TrimSpace(name)
	if name == "" || utf8.RuneCountInString(name) > MaxContactName {
		return "", fault.Rule("name", ContactNameRule)
	}
	return name, nil
}
