package inbox

import (
	"strings"
	"time"
	"unicode/utf8"

	"github.com/quintet-agents/quintet/shared/fault"
)

// ContactPatch is a change of a contact. Nil fields stay as they are.
type ContactPatch struct {
	Name     *string
	OptedOut *bool
}

// Apply returns the contact as it is changed at a time. Providers give the times of messages in
// seconds; an opt-out in the same second as the change is a later one.
func (p ContactPatch) Apply(c Contact, at time.Time) Contact {
	if p.Name != nil {
		c.Name = *p.Name
	}
	if p.OptedOut != nil {
		c.OptedOut, c.ConsentAt = *p.OptedOut, at.Truncate(time.Second)
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
