package meta

import (
	"cmp"
	"regexp"
	"strings"

	"github.com/quintet-agents/quintet/shared/channel"
)

// whatsApp reads an entry of a WhatsApp business account. Its id is that of the account, which
// may have several numbers: an update names its number itself.
func (b *batch) whatsApp(entry object) {
	changes := entry.objects("changes")
	for _, change := range changes {
		field, value := change.text("field"), change.object("value")
		account := value.object("metadata").id("phone_number_id")
		switch {
		case field == "messages":
			b.whatsAppNews(account, value, false)
		case field == "standby":
			b.whatsAppNews(account, value, true)
		case field == "user_preferences":
			b.preferences(account, value)
		case field == "user_id_update":
			b.userIDs(account, value)
		case notices[field] != nil:
			b.notice(account, field, value, entry)
		default:
			b.ignore(account, "the field %q is not used", word(field))
		}
	}
	if len(changes) == 0 {
		b.ignore("", "an entry has no changes")
	}
}

// whatsAppNews reads the messages, statuses and errors of a number. On standby, Meta's own
// agent answers the messages.
func (b *batch) whatsAppNews(account string, value object, standby bool) {
	before := len(b.updates)
	contacts, own := contactsOf(value), value.object("metadata").phone("display_phone_number")
	for _, m := range value.objects("messages") {
		if own != "" && m.phone("from") == own {
			b.ignore(account, "a message of the business itself")
			continue
		}
		b.whatsAppMessage(account, m, contacts, standby)
	}
	for _, s := range value.objects("statuses") {
		b.whatsAppStatus(account, s, contacts)
	}
	for range value.objects("message_echoes") {
		b.ignore(account, "a message of the business itself")
	}
	for _, e := range value.objects("errors") {
		b.problem(account, e)
	}
	if len(b.updates) == before {
		b.ignore(account, "a change reports neither messages nor statuses nor errors")
	}
}

// contacts are the people of a change by their phone numbers and user ids.
type contacts struct {
	byID map[string]object
	only object // nil unless there is one contact alone
}

func contactsOf(value object) contacts {
	list := value.objects("contacts")
	c := contacts{byID: make(map[string]object, len(list))}
	for _, contact := range list {
		for _, key := range []string{"wa_id", "user_id"} {
			if id := contact.id(key); id != "" {
				c.byID[id] = contact
			}
		}
	}
	if len(list) == 1 {
		c.only = list[0]
	}
	return c
}

// describe adds to a person what the contacts say. A phone number or an id that a contact lacks
// is hidden and stays empty.
func (c contacts) describe(p channel.Person) channel.Person {
	contact := c.byID[p.UserID]
	if contact == nil {
		contact = c.byID[p.Address]
	}
	if contact == nil && p.Address == "" && p.UserID == "" {
		contact = c.only
	}
	p.Address = cmp.Or(p.Address, contact.phone("wa_id"))
	p.UserID = cmp.Or(p.UserID, contact.id("user_id"))
	p.ParentID = cmp.Or(p.ParentID, contact.id("parent_user_id"))
	p.Name = contact.object("profile").name("name")
	p.Username = cmp.Or(contact.object("profile").name("username"), contact.name("username"))
	return p
}

// person returns a person by the names of the members with the ids.
func (o object) person(phone, userID, parentID string) channel.Person {
	p := channel.Person{Address: o.phone(phone), UserID: o.id(userID), ParentID: o.id(parentID)}
	if p.UserID == "" && isUserID(o.id(phone)) {
		p.UserID = o.id(phone)
	}
	return p
}

// phone returns a member that is a phone number, without the plus. It is empty for a user id.
func (o object) phone(name string) string {
	number := strings.TrimPrefix(o.id(name), "+")
	if isUserID(number) {
		return ""
	}
	return number
}

// userID is the form of business-scoped user ids, those of a parent portfolio included.
var userID = regexp.MustCompile(`^[A-Z]{2}\.(ENT\.)?[A-Za-z0-9]{1,128}$`)

func isUserID(text string) bool { return userID.MatchString(text) }

// identified reports whether a person can be told from others.
func identified(p channel.Person) bool { return p.Address != "" || p.UserID != "" }
