package inbox

import (
	"slices"
	"strings"
	"time"

	"github.com/quintet-agents/quintet/shared/channel"
)

// differs reports whether a person with the contact's number is somebody else.
func (c Contact) differs(p channel.Person) bool {
	mine := c.Person
	return mine.UserID != "" && p.UserID != "" && mine.UserID != p.UserID && (mine.ParentID == "" || mine.ParentID != p.ParentID)
}

// identify returns the contact of a person who had ids at a time, or fresh if there is none. It
// also returns the names that the contact has from now on, and the former owners of one.
//
// A number may get another owner, and a user id does not. So a person with the number of a
// contact and another user id is somebody else: the contact loses the number, and its replies
// go to its user id. An update that arrives late moves no number.
func (f Found) identify(p channel.Person, at time.Time, fresh Contact) (contact Contact, aliases []string, former []Contact) {
	contact = fresh
	others := slices.Clone(f.Others)
	switch {
	case f.Contact == nil:
	case strings.HasPrefix(f.Alias, numberAlias("")) && f.Contact.differs(p):
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
		case !c.differs(p) || !slices.Contains(aliases, number):
		case at.Before(c.IDsAt):
			aliases = slices.DeleteFunc(aliases, func(name string) bool { return name == number })
		default:
			c.Person.Address = ""
			former = append(former, c)
		}
	}
	return contact, aliases, former
}

// taken reports whether another contact has a name now.
func (f Found) taken(name string) bool {
	return slices.ContainsFunc(f.Others, func(c Contact) bool { return slices.Contains(Aliases(c.Person), name) })
}
