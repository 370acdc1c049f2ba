package inbox_test

import (
	"testing"
	"time"

	"github.com/quintet-agents/quintet/shared/channel"
	"github.com/quintet-agents/quintet/shared/inbox"
	"github.com/quintet-agents/quintet/shared/turn"
)

// byNumber and byID are the same person, whom a provider shows by one name only.
var (
	byNumber = channel.Person{Address: "316", Name: "Ann"}
	byID     = channel.Person{UserID: "NL.1", Name: "Ann"}
	byBoth   = channel.Person{UserID: "NL.1", Address: "316", Name: "Ann"}
)

// say receives a message of a person, a second after the one before.
func (d *desk) say(id string, from channel.Person, text string, change ...func(*channel.Inbound)) {
	d.t.Helper()
	d.sleep(time.Second)
	u := d.message(id, "", text)
	u.Message.From = from
	for _, c := range change {
		c(u.Message)
	}
	d.receive(u)
}

func consent(c channel.Consent) func(*channel.Inbound) {
	return func(m *channel.Inbound) { m.Consent, m.Handling = c, channel.Record }
}

// twins is a desk with two contacts of one person, who wrote to each of them.
type twins struct {
	*desk
	number, id             inbox.Contact
	numberThread, idThread string
}

func openTwins(t *testing.T) *twins {
	t.Helper()
	d := openDesk(t)
	d.say("m1", byNumber, "by number")
	d.drain(time.Minute)
	d.say("m2", byID, "by id")
	d.drain(time.Minute)
	w := &twins{desk: d, number: d.known(byNumber), id: d.known(byID)}
	w.numberThread, w.idThread = d.threadWith(w.number.ID), d.threadWith(w.id.ID)
	if w.number.ID == w.id.ID {
		t.Fatal("got one contact, want two")
	}
	return w
}

// threadWith returns the id of the thread with a contact.
func (d *desk) threadWith(contactID string) string {
	return inbox.ThreadID(d.agent.ID, inbox.Ref{ConnectionID: d.connection.ID, ChatID: contactID})
}

// The consent of the person that two contacts were is the later of what both said; without a
// time, an opt-out counts.
func TestMerge_Consent(t *testing.T) {
	yes := true
	stop := func(from channel.Person) func(*twins) {
		return func(d *twins) { d.say("stop", from, "STOP", consent(channel.OptOut)); d.drain(time.Minute) }
	}
	start := func(from channel.Person) func(*twins) {
		return func(d *twins) { d.say("start", from, "START", consent(channel.OptIn)); d.drain(time.Minute) }
	}
	refused := func(d *twins) { // by the owner, or by the provider
		d.sleep(time.Second)
		if _, err := d.Store.UpdateContact(d.t.Context(), nil, d.org, d.number.ID, inbox.ContactPatch{OptedOut: &yes}); err != nil {
			d.t.Fatal(err)
		}
	}
	for name, c := range map[string]struct {
		steps []func(*twins)
		out   bool
	}{
		"nothing said":              {nil, false},
		"loser opted out":           {[]func(*twins){stop(byNumber)}, true},
		"survivor opted out":        {[]func(*twins){stop(byID)}, true},
		"loser out, survivor in":    {[]func(*twins){stop(byNumber), start(byID)}, false},
		"survivor in, loser out":    {[]func(*twins){start(byID), stop(byNumber)}, true},
		"survivor out, loser in":    {[]func(*twins){stop(byID), start(byNumber)}, false},
		"loser in, survivor out":    {[]func(*twins){start(byNumber), stop(byID)}, true},
		"loser out through the API": {[]func(*twins){refused}, true},
		"out through the API, in":   {[]func(*twins){refused, start(byID)}, false},
		"in, out through the API":   {[]func(*twins){start(byID), refused}, true},
	} {
		t.Run(name, func(t *testing.T) {
			d := openTwins(t)
			for _, step := range c.steps {
				step(d)
			}
			sent := len(d.phone.texts())
			d.say("m3", byBoth, "by both")
			d.drain(time.Minute)
			want(t, "opted out", c.out, d.known(byBoth).OptedOut)
			wantSent := sent + 1
			if c.out {
				wantSent = sent
			}
			want(t, "sent", wantSent, len(d.phone.texts()))
			entries := d.answersIn(d.idThread)
			want(t, "silent", c.out, entries[len(entries)-1][2] != "")
		})
	}
}

// The survivor has all that the loser had, and each name leads to it.
func TestMerge_Contact(t *testing.T) {
	d := openTwins(t)
	d.say("m3", byNumber, "latest")
	d.drain(time.Minute)
	latest := d.known(byNumber).LastSeen
	// A status, an edit or the like shows both names without being a message.
	d.receive(channel.Update{Identity: &channel.IdentityChange{ID: "i", Before: byID, After: byBoth, At: d.now()}})
	d.drain(time.Minute)
	one := d.known(byNumber)
	want(t, "contact", d.id.ID, one.ID)
	want(t, "person", byBoth, one.Person)
	want(t, "last seen", latest, one.LastSeen)
	want(t, "created", d.number.CreatedAt, one.CreatedAt)
	c, err := d.Store.Contact(t.Context(), d.org, d.number.ID)
	if err != nil || c.ID != d.id.ID {
		t.Errorf("got contact %s, %v by the former id, want %s", c.ID, err, d.id.ID)
	}
	yes := true
	if c, err = d.Store.UpdateContact(t.Context(), nil, d.org, d.number.ID, inbox.ContactPatch{OptedOut: &yes}); err != nil || c.ID != d.id.ID || !d.known(byID).OptedOut {
		t.Errorf("got contact %+v, %v; want the survivor opted out", c, err)
	}
	page, _, err := inbox.Find(t.Context(), d.Store, d.org, inbox.Filter{ContactID: d.id.ID}, nil, 10)
	if err != nil || len(page) != 2 {
		t.Errorf("got %d threads of the contact, %v; want both", len(page), err)
	}
}

// A thread that somebody took over stays taken over, and so does the other one.
func TestMerge_HandOver(t *testing.T) {
	for name, of := range map[string]func(*twins) string{
		"loser": func(d *twins) string { return d.numberThread }, "survivor": func(d *twins) string { return d.idThread },
	} {
		t.Run(name, func(t *testing.T) {
			d := openTwins(t)
			d.handOver(of(d), true)
			d.say("m3", byNumber, "waiting")
			d.drain(0)
			d.say("m4", byBoth, "by both")
			d.drain(time.Minute)
			want(t, "sent", []string{"You said: by number", "You said: by id"}, d.phone.texts())
			for _, id := range []string{d.numberThread, d.idThread} {
				want(t, "handed over", true, d.look(id).Chat.HandedOver)
			}
			const reason = "A person of the business answers in this thread"
			want(t, "loser's thread", answered{"waiting", "", reason}, d.answersIn(d.numberThread)[1])
			want(t, "survivor's thread", answered{"by both", "", reason}, d.answersIn(d.idThread)[1])
		})
	}
}

// What waits in the loser's thread is answered there once, and later messages go to the survivor's.
func TestMerge_Waiting(t *testing.T) {
	for name, c := range map[string]struct {
		before func(*twins)
	}{
		"message": {func(*twins) {}},
		"run": {func(d *twins) {
			d.worker.Turns = &forgetful{d.engine, 1}
			d.drain(4 * time.Second)
			d.worker.Turns = d.engine
		}},
		"reply": {func(d *twins) {
			d.phone.fail = func(int) error { return &channel.SendError{Kind: channel.Unsent, Message: "down"} }
			d.drain(4 * time.Second)
			d.phone.fail = nil
		}},
	} {
		t.Run(name, func(t *testing.T) {
			d := openTwins(t)
			d.say("m3", byNumber, "waiting")
			d.drain(0)
			c.before(d)
			chat := d.look(d.numberThread).Chat
			if chat.Pending == 0 && len(chat.Outbox) == 0 {
				t.Fatalf("got chat %+v, want work in it", chat)
			}
			d.say("m4", byBoth, "by both")
			d.drain(0)
			want(t, "merged", d.id.ID, d.known(byNumber).ID)
			d.say("m5", byNumber, "again")
			d.drain(time.Hour)
			want(t, "loser's thread", []answered{{"by number", "You said: by number", ""}, {"waiting", "You said: waiting", ""}}, d.answersIn(d.numberThread))
			want(t, "survivor's thread", []answered{{"by id", "You said: by id", ""}, {"by both\nagain", "You said: by both\nagain", ""}}, d.answersIn(d.idThread))
			got := map[string]int{}
			for _, m := range d.phone.sent[2:] {
				got[m.Text+" to "+m.To.UserID+" "+m.To.Address]++
			}
			want(t, "sent", map[string]int{"You said: waiting to NL.1 316": 1, "You said: by both\nagain to NL.1 316": 1}, got)
		})
	}
}

// An opt-out after the merge also stops what waits in the loser's thread.
func TestMerge_LaterOptOut(t *testing.T) {
	d := openTwins(t)
	d.say("m3", byNumber, "waiting")
	d.drain(0)
	d.say("m4", byBoth, "STOP", consent(channel.OptOut))
	d.drain(time.Hour)
	want(t, "sent", []string{"You said: by number", "You said: by id"}, d.phone.texts())
	want(t, "loser's thread", answered{"waiting", "", "The person does not want to receive messages"}, d.answersIn(d.numberThread)[1])
}

// People of the business may still write in the loser's thread.
func TestMerge_DeskWrites(t *testing.T) {
	d := openTwins(t)
	d.say("m3", byBoth, "by both")
	d.drain(time.Minute)
	if _, err := d.people().Write(t.Context(), nil, d.org, "user-1", d.numberThread, "hi"); err != nil {
		t.Fatal(err)
	}
	d.drain(time.Minute)
	last := d.phone.sent[len(d.phone.sent)-1]
	want(t, "sent", "hi to NL.1 316", last.Text+" to "+last.To.UserID+" "+last.To.Address)
}

// A template whose response names both ids finds the two contacts to be one.
func TestMerge_Template(t *testing.T) {
	d := openTwins(t)
	d.say("m3", byNumber, "STOP", consent(channel.OptOut))
	d.drain(time.Minute)
	d.handOver(d.numberThread, true)
	templates := &inbox.Templates{Store: d.Store, Now: d.now}
	s := channel.Send{
		OrgID: d.org, ID: "send", Attempt: "attempt", State: channel.Sending, At: d.now(), AgentID: d.agent.ID, ConnectionID: d.connection.ID,
		To: "316", Template: "order", Text: "Your order has left.",
	}
	if earlier, err := d.Store.BeginSend(t.Context(), s); err != nil || earlier != nil {
		t.Fatalf("got %+v, %v; want a new send", earlier, err)
	}
	s.State = channel.Sent
	if err := templates.Join(t.Context(), s, channel.Receipt{MessageID: "out", ContactID: "316", UserID: "NL.1"}); err != nil {
		t.Fatal(err)
	}
	one := d.known(byNumber)
	want(t, "contact", d.id.ID, one.ID)
	want(t, "opted out", true, one.OptedOut)
	want(t, "handed over", true, d.look(d.idThread).Chat.HandedOver)
	want(t, "note", turn.Template, d.turnsOf(d.idThread)[1].Author)
}

// Somebody else with the same number is not merged.
func TestMerge_NotOthers(t *testing.T) {
	d := openDesk(t)
	d.say("m1", channel.Person{UserID: "NL.A", Address: "316"}, "a")
	d.drain(time.Minute)
	d.say("m2", channel.Person{UserID: "NL.B"}, "b")
	d.say("m3", channel.Person{UserID: "NL.B", Address: "316"}, "STOP", consent(channel.OptOut))
	d.drain(time.Minute)
	a := d.known(channel.Person{UserID: "NL.A"})
	if a.OptedOut || a.ID == d.known(channel.Person{UserID: "NL.B"}).ID || a.Person.Address != "" {
		t.Errorf("got contact %+v, want another person without a number who receives messages", a)
	}
}

// A report of new ids that overtakes the messages before it joins them with those after it.
func TestMerge_MoveBeforeMessages(t *testing.T) {
	before, after := channel.Person{UserID: "NL.1", Address: "311"}, channel.Person{UserID: "NL.19", Address: "3119"}
	d := openDesk(t)
	d.receive(channel.Update{Identity: &channel.IdentityChange{ID: "i", Before: before, After: after, At: d.now()}})
	d.drain(time.Minute)
	d.say("m1", channel.Person{UserID: before.UserID}, "STOP", consent(channel.OptOut))
	d.say("m2", after, "hello")
	d.drain(time.Minute)
	one := d.known(after)
	if one.ID != d.known(before).ID || !one.OptedOut {
		t.Errorf("got contact %+v, want the one that opted out under its former id", one)
	}
}

// A contact that was known by the new id alone is the person of the report.
func TestMerge_MoveToKnownID(t *testing.T) {
	before, after := channel.Person{UserID: "NL.1", Address: "311"}, channel.Person{UserID: "NL.19", Address: "3119"}
	d := openDesk(t)
	d.say("m1", channel.Person{Address: before.Address}, "hello")
	d.drain(time.Minute)
	d.say("m2", channel.Person{UserID: after.UserID}, "STOP", consent(channel.OptOut))
	d.receive(channel.Update{Identity: &channel.IdentityChange{ID: "i", Before: before, After: after, At: d.now()}})
	d.drain(time.Minute)
	one := d.known(channel.Person{Address: after.Address})
	if one.ID != d.known(channel.Person{UserID: after.UserID}).ID || !one.OptedOut {
		t.Errorf("got contact %+v, want the one that opted out", one)
	}
}
