package inbox

import (
	"slices"
	"strings"
	"time"

	"github.com/quintet-agents/quintet/shared/channel"
)

// Owner is the owner of a name, with the chat of that contact; nil: it has none.
type Owner struct {
	Contact Contact
	Chat    *Chat
}

// Ownership is what an update changes about the names of a contact.
//
// A person who is shown by one name at a time may become two contacts. An update with both names
// merges them: the contact with the surer name survives and has all that the other one had. The
// other's chat stays, so that what waits in it is handled where it is, and its thread can be
// read. From then on it belongs to the survivor, whose chat gets the later messages.
type Ownership struct {
	Aliases  []string  // all names of the contact
	Former   []Contact // former owners of the contact's names
	Merged   []Owner   // owners that are the same person
	HandOver bool      // a person of the business answers in the contact's chat, and in those of the merged
}

// merge returns a contact after another one was found to be the same person.
func (c Contact) merge(o Contact) Contact {
	if o.consentAfter(c) {
		c.OptedOut, c.ConsentAt = o.OptedOut, o.ConsentAt
	}
	c.NoTemplates = c.NoTemplates || o.NoTemplates
	if o.LastSeen.After(c.LastSeen) {
		c.LastSeen = o.LastSeen
	}
	if o.CreatedAt.Before(c.CreatedAt) {
		c.CreatedAt = o.CreatedAt
	}
	if c.Name == "" {
		c.Name = o.Name
	}
	return c.fill(o.Person)
}

// consentAfter reports whether a contact's consent replaces that of another. It is the later one.
// An opt-out without a time replaces all, and nothing replaces it.
func (c Contact) consentAfter(before Contact) bool {
	switch {
	case c.OptedOut && c.ConsentAt.IsZero():
		return true
	case before.OptedOut && before.ConsentAt.IsZero():
		return false
	}
	return c.ConsentAt.After(before.ConsentAt)
}

// fill returns the contact with the ids of a person that it lacks.
func (c Contact) fill(p channel.Person) Contact {
	for mine, theirs := range map[*string]string{
		&c.Person.Address: p.Address, &c.Person.UserID: p.UserID, &c.Person.ParentID: p.ParentID,
		&c.Person.Username: p.Username, &c.Person.Name: p.Name,
	} {
		if *mine == "" {
			*mine = theirs
		}
	}
	return c
}

// is reports whether the contact is a person: nothing speaks against it, and the number, the
// provider's id of the person or that of the company is the same. A former number of a contact is
// no sign.
func (c Contact) is(p channel.Person) bool {
	return !c.differs(p) &&
		(c.Person.UserID != "" && c.Person.UserID == p.UserID ||
			c.Person.Address != "" && slices.Contains(Aliases(p), numberAlias(c.Person.Address)) || c.Person.ParentID != "" && c.Person.ParentID == p.ParentID)
}

// own returns a contact and its ownership after it had the ids of a person at a time; before are
// those that it had until then, if they have changed. others are the owners of some of the names.
func (c Contact) own(p, before channel.Person, at time.Time, chat *Chat, others []Owner) (Contact, Ownership) {
	o := Ownership{Aliases: Aliases(p)}
	for _, other := range others {
		number := numberAlias(other.Contact.Person.Address)
		switch {
		case other.Contact.is(p), other.Contact.is(before) && !at.Before(other.Contact.IDsAt):
			c = c.merge(other.Contact)
			o.HandOver = o.HandOver || other.Chat != nil && other.Chat.HandedOver || chat != nil && chat.HandedOver
			other.Contact.MergedInto = c.ID
			o.Merged = append(o.Merged, other)
		case !other.Contact.differs(p) || !slices.Contains(o.Aliases, number): // a name that it had before
		case at.Before(other.Contact.IDsAt):
			o.Aliases = slices.DeleteFunc(o.Aliases, func(name string) bool { return name == number })
		default:
			other.Contact.Person.Address = ""
			o.Former = append(o.Former, other.Contact)
		}
	}
	return c, o
}

// byNumber reports whether the contact was found by its number alone.
func (f Found) byNumber() bool { return strings.HasPrefix(f.Alias, numberAlias("")) }
