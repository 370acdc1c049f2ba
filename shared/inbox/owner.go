package inbox

import (
	"slices"
	"time"

	"github.com/quintet-agents/quintet/shared/channel"
)

// differs reports whether a person with the contact's number is somebody else.
func (c Contact) differs(p channel.Person) bool {
	mine := c.Person
	return mine.UserID != "" && p.UserID != "" && mine.UserID != p.UserID && (mine.ParentID == "" || mine.ParentID != p.ParentID)
}

// identify returns the contact of a person who had ids at a time, or fresh if there is none. It
// also returns what becomes of the person's names.
//
// A number may get another owner, and a user id does not. So a person with the number of a
// contact and another user id is somebody else: the contact loses the number, and its replies
// go to its user id. An update that arrives late moves no number.
func (f Found) identify(p channel.Person, at time.Time, fresh Contact) (Contact, Ownership) {
	contact, chat, others := fresh, (*Chat)(nil), slices.Clone(f.Others)
	switch {
	case f.Contact == nil:
	case f.byNumber() && f.Contact.differs(p):
		others = append(others, Owner{*f.Contact, f.Chat})
	default:
		contact, chat = *f.Contact, f.Chat
	}
	if at.Before(contact.IDsAt) {
		return contact, Ownership{}
	}
	return contact.own(p, channel.Person{}, at, chat, others)
}

// taken reports whether another contact has a name now.
func (o Ownership) taken(name string, others []Owner) bool {
	return slices.ContainsFunc(others, func(other Owner) bool {
		merged := slices.ContainsFunc(o.Merged, func(m Owner) bool { return m.Contact.ID == other.Contact.ID })
		return !merged && slices.Contains(Aliases(other.Contact.Person), name)
	})
}
