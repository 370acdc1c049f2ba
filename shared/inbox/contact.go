package inbox

import (
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/quintet-agents/quintet/shared/channel"
	"github.com/quintet-agents/quintet/shared/channel/phone/alias"
	"github.com/quintet-agents/quintet/shared/connection"
	"github.com/quintet-agents/quintet/shared/fault"
)

// Contact is a person at the other end of a connection.
type Contact struct {
	ID           string // UUIDv7
	OrgID        string
	ConnectionID string
	Channel      connection.Channel
	Name         string
	Person       channel.Person // the latest known ids
	IDsAt        time.Time      // when the person had them
	OptedOut     bool           // nothing is sent
	ConsentAt    time.Time      // when the contact was last opted out or in
	NoTemplates  bool           // the person declined templates at the provider
	LastSeen     time.Time      // of the latest message of the person
	Began        []time.Time    // when the latest mails began chats (see begin)
	MergedInto   string         // id of the contact that it turned out to be; the store returns that one
	CreatedAt    time.Time
	Revision     int64
}

// ErrNoContact is the error for a contact that does not exist or belongs to another org.
var ErrNoContact = fault.New(fault.NotFound, "Contact not found")

// Window is how long after a person's message a channel of Meta allows free text.
const Window = 24 * time.Hour

// WindowEnd returns the end of the time in which free text may be sent to the contact, or the
// zero time if the channel has no such rule.
func (c Contact) WindowEnd() time.Time {
	switch {
	case c.Channel == connection.Email, c.Channel == connection.Twilio && !strings.HasPrefix(c.Person.Address, "whatsapp:") && c.Person.UserID == "":
		return time.Time{}
	}
	return c.LastSeen.Add(Window)
}

// Closed reports whether free text to the contact is refused at a time.
func (c Contact) Closed(at time.Time) bool {
	end := c.WindowEnd()
	return !end.IsZero() && !at.Before(end)
}

// PeopleWindow is how long after a person's message Instagram and Messenger allow people of the
// business to write, but not agents.
const PeopleWindow = 7 * 24 * time.Hour

// ClosedToPeople reports whether a text that somebody of the business wrote is refused at a time.
func (c Contact) ClosedToPeople(at time.Time) bool {
	if c.Channel == connection.Instagram || c.Channel == connection.Messenger {
		return !at.Before(c.LastSeen.Add(PeopleWindow))
	}
	return c.Closed(at)
}

// newContact returns a contact for a person who was not known.
func newContact(c connection.Connection, now time.Time) Contact {
	return Contact{ID: uuid.Must(uuid.NewV7()).String(), OrgID: c.OrgID, ConnectionID: c.ID, Channel: c.Channel, CreatedAt: now}
}

// meet returns the contact with the ids that a person had at a time. A hidden id, which is
// empty, replaces none, and ids of an earlier time replace no later ones: updates are filed in
// any order.
func (c Contact) meet(p channel.Person, at time.Time) Contact {
	if at.Before(c.IDsAt) {
		return c
	}
	c.IDsAt = at
	for at, value := range map[*string]string{
		&c.Person.Address: p.Address, &c.Person.UserID: p.UserID, &c.Person.ParentID: p.ParentID,
		&c.Person.Username: p.Username, &c.Person.Name: p.Name,
	} {
		if value != "" {
			*at = value
		}
	}
	if c.Name == "" {
		c.Name = p.Name
	}
	return c
}

// seen returns the contact after a message of the person. The window moves with the latest
// message, whatever the order of arrival.
func (c Contact) seen(m channel.Inbound, arrived time.Time) Contact {
	at := clamp(m.At, arrived)
	c = c.meet(m.From, at)
	if at.After(c.LastSeen) {
		c.LastSeen = at
	}
	if m.Consent != channel.NoConsent && !at.Before(c.ConsentAt) { // messages are filed in any order
		c.OptedOut, c.ConsentAt = m.Consent == channel.OptOut, at
	}
	return c
}

// clamp returns a provider's time, or that of arrival if there is none or it is later: a wrong
// clock opens no longer window.
func clamp(at, arrived time.Time) time.Time {
	if at.IsZero() || at.After(arrived) {
		return arrived
	}
	return at
}

// maxBegun is how many chats the mails of a person begin within an hour.
const maxBegun = maxPerHour

// begin returns the contact after a mail began a chat. It reports false if too many did so within
// an hour. The pace of a chat stops no machine that begins another chat with each mail, such as
// a ticket system that leaves In-Reply-To out.
func (c Contact) begin(now time.Time) (Contact, bool) {
	began := slices.DeleteFunc(slices.Clone(c.Began), func(at time.Time) bool { return !at.After(now.Add(-time.Hour)) })
	if len(began) >= maxBegun {
		return c, false
	}
	began = append(began, now)
	c.Began = began
	return c, true
}

// Aliases returns the names by which a person is found, the surest first. A business-scoped id
// stays when the number is hidden; a number may get another owner, and is written in two ways in
// some countries.
func Aliases(p channel.Person) []string {
	var all []string
	if p.UserID != "" {
		all = append(all, "user:"+p.UserID)
	}
	if p.Address != "" {
		all = append(all, numberAlias(p.Address))
	}
	return all
}

// numberAlias returns the name of an address.
func numberAlias(address string) string { return "address:" + alias.Key(strings.ToLower(address)) }
