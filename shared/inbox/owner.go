package inbox

import (
	"slices"
	"strings"
	"time"

	"github.com/quintet-agents/quintet/shared/channel"
)

// A number may get another owner, and a user id does not. So a person with a number that a
// contact has, and another user id, is somebody else: the contact loses the number, and what
// waits for it goes to its user id. An update that arrives late moves no number.

// another reports whether the contact is somebody else than a person with the same number.
func (c Contact) another(p channel.Person) bool {
	mine := c.Person
	return mine.UserID != "" && p.UserID != "" && mine.UserID != p.UserID && (mine.ParentID == "" || mine.ParentID != p.ParentID)
}

// whose returns the contact that a person with ids at a time is, or fresh for a new one. It also
// returns the names that the contact has from now on, and the contacts that have lost one to it.
func (f Found) whose(p channel.Person, at time.Time, fresh Contact) (contact Contact, aliases []string, losers []Contact) {
	contact = fresh
	others := slices.Clone(f.Others)
	switch {
	case f.Contact == nil:
	case strings.HasPrefix(f.Alias, numberAlias("")) && f.Contact.another(p):
		others = append(others, *f.Contact)
	default:
		contact = *f.Contact
	}
	if at.Before(contact.IDsAt) {
		return contact, nil, nil
	}
	aliases = Aliases(p)
	for _, c := range others {
		number := numberAlias(c.Person.Address)
		switch {
		case !c.another(p) || !slices.Contains(aliases, number):
		case at.Before(c.IDsAt):
			aliases = slices.DeleteFunc(aliases, func(name string) bool { return name == number })
		default:
			c.Person.Address = ""
			losers = append(losers, c)
		}
	}
	return contact, aliases, losers
}

// taken reports whether another contact has a name now.
func (f Found) taken(name string) bool {
	return slices.ContainsFunc(f.Others, func(c Contact) bool { return slices.Contains(Aliases(c.Person), name) })
}
