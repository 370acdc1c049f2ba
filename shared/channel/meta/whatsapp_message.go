package meta

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/quintet-agents/quintet/shared/channel"
)

// whatsAppMessage reads a message, or what Meta reports in the place of one: changed ids, and
// edited or withdrawn messages.
func (b *batch) whatsAppMessage(account string, m object, contacts contacts, standby bool) {
	id, kind := m.id("id"), m.text("type")
	from := m.person("from", "from_user_id", "from_parent_user_id")
	if kind != "system" { // the contacts of a system message would be those of the new ids
		from = contacts.describe(from)
	}
	switch {
	case id == "":
		b.ignore(account, "a message has no id")
	case m.text("group_id") != "":
		b.ignore(account, "a message of a group is not answered")
	case kind == "system":
		b.identity(account, m, from)
	case !identified(from):
		b.ignore(account, "a message has no sender")
	case kind == "edit" || kind == "revoke":
		b.correction(account, m, from)
	default:
		b.linkShared(account, m, from)
		b.add(channel.Update{Account: account, Message: message(m, from, standby)})
	}
}

func message(m object, from channel.Person, standby bool) *channel.Inbound {
	c := contentOf(m)
	in := &channel.Inbound{
		ID: m.id("id"), From: from, At: m.moment("timestamp"), Type: cmp.Or(word(m.text("type")), "unknown"),
		Handling: c.handling, Text: block(origin(m), c.text), Media: c.media,
		ReplyTo: cmp.Or(m.object("context").id("id"), m.object("reaction").id("message_id")),
	}
	if standby { // Meta's own agent answers
		in.Handling = channel.Record
	}
	return in
}

// origin says what brought a person to write: an ad, or a product of the catalog.
func origin(m object) string {
	var text string
	if ad := m.object("referral"); ad != nil {
		text = mark("came from the "+cmp.Or(ad.name("source_type"), "ad"), line(ad.name("headline"), ad.text("body"), ad.url("source_url")))
	}
	if product := m.object("context").object("referred_product"); product != nil {
		text = block(text, mark("about the product", product.name("product_retailer_id")))
	}
	return text
}

// correction reads a message that was edited or withdrawn. Both have ids of their own.
func (b *batch) correction(account string, m object, from channel.Person) {
	change := m.object(m.text("type"))
	c := channel.Correction{
		ID: m.id("id"), MessageID: change.id("original_message_id"), From: from, At: m.moment("timestamp"),
		Withdrawn: m.text("type") == "revoke",
	}
	if c.MessageID == "" {
		b.ignore(account, "a correction names no message")
		return
	}
	if !c.Withdrawn {
		c.Text = contentOf(change.object("message")).text
	}
	b.add(channel.Update{Account: account, Correction: &c})
}

// linkShared reads a phone number that a person has shared by the button that asks for it. A
// forwarded contact is somebody else's.
func (b *batch) linkShared(account string, m object, from channel.Person) {
	if from.Address != "" || from.UserID == "" || m.text("type") != "contacts" {
		return
	}
	for _, contact := range m.objects("contacts") {
		phones := contact.objects("phones")
		i := slices.IndexFunc(phones, func(phone object) bool { return phone.phone("wa_id") != "" })
		if contact.text("origin") != "contact_request" || i < 0 {
			continue
		}
		after := from
		after.Address = phones[i].phone("wa_id")
		b.add(channel.Update{Account: account, Identity: &channel.IdentityChange{
			ID: m.id("id") + ":contact_request", Before: from, After: after, At: m.moment("timestamp"),
		}})
		return
	}
}

// problem reads an error that concerns no message.
func (b *batch) problem(account string, e object) {
	f := failure(e)
	n := channel.Notice{Code: e.name("code"), Message: cmp.Or(f.Details, f.Message), Stops: f.Kind == channel.Stopped}
	if p, ok := f.Problem(time.Time{}); ok && p.Passes() {
		n.Code, n.Message, n.Action = p.Code, p.Message, p.Action
	}
	b.add(channel.Update{Account: account, Notice: &n})
}

// mark describes what is no text of the person, in brackets.
func mark(what, more string) string {
	if more == "" {
		return "[" + what + "]"
	}
	return fmt.Sprintf("[%s: %s]", what, more)
}
