package inbox_test

import (
	"testing"
	"time"

	"github.com/quintet-agents/quintet/shared/channel"
	"github.com/quintet-agents/quintet/shared/connection"
	"github.com/quintet-agents/quintet/shared/inbox"
	"github.com/quintet-agents/quintet/shared/work"
)

// refused returns a status that reports a part of a sent message as refused.
func (d *desk) refused(n int, kind channel.Kind) channel.Update {
	return channel.Update{Account: "1", Status: &channel.Status{
		Ref: d.phone.sent[n].Ref, State: channel.Failed, At: d.now(), Failure: &channel.SendError{Kind: kind, Code: 131047, Message: "Re-engagement message"},
	}}
}

// Where a status says that a text was refused because the window was closed, the connection's
// template follows once, however often and in whichever order the statuses arrive.
func TestWorker_LateTemplate(t *testing.T) {
	template := &connection.Template{Name: "sorry", Language: "en"}
	for name, c := range map[string]struct {
		template *connection.Template
		statuses func(d *desk) []channel.Update
		sent     int // templates
		last     inbox.Part
	}{
		"template": {
			template, func(d *desk) []channel.Update { return []channel.Update{d.refused(0, channel.WindowClosed)} }, 1,
			inbox.Part{State: channel.Sent, Template: template},
		},
		"both parts": {template, func(d *desk) []channel.Update {
			return []channel.Update{d.refused(1, channel.WindowClosed), d.refused(0, channel.WindowClosed)}
		}, 1, inbox.Part{State: channel.Sent, Template: template}},
		"no template": {
			nil, func(d *desk) []channel.Update { return []channel.Update{d.refused(1, channel.WindowClosed)} }, 0,
			inbox.Part{State: channel.Failed, Code: 131047, Reason: channel.WindowClosedReason},
		},
		"another reason": {
			template, func(d *desk) []channel.Update { return []channel.Update{d.refused(1, channel.Undeliverable)} }, 0,
			inbox.Part{State: channel.Failed, Code: 131047, Reason: "Re-engagement message"},
		},
		"half of it arrived": {template, func(d *desk) []channel.Update {
			return []channel.Update{{Account: "1", Status: &channel.Status{Ref: d.phone.sent[0].Ref, State: channel.Delivered, At: d.now()}}, d.refused(1, channel.WindowClosed)}
		}, 0, inbox.Part{State: channel.Failed, Code: 131047, Reason: channel.WindowClosedReason}},
	} {
		t.Run(name, func(t *testing.T) {
			d := openDesk(t, func(dc *connection.Connection) { dc.Settings.Fallback = c.template })
			d.phone.limit = 10
			d.receive(d.message("m1", "316", "hello"))
			d.drain(time.Minute)
			texts := len(d.phone.texts())
			want(t, "parts", 2, texts)
			statuses := c.statuses(d)
			for range 2 {
				for _, u := range statuses {
					d.receive(u)
				}
				d.drain(5 * time.Minute)
			}
			want(t, "templates", c.sent, len(d.phone.texts())-texts)
			parts := d.reply().Parts
			want(t, "number of parts", texts+c.sent, len(parts))
			last := parts[len(parts)-1]
			want(t, "last part", c.last, inbox.Part{State: last.State, Template: last.Template, Code: last.Code, Reason: last.Reason})
			if c.sent == 0 {
				return
			}
			d.receive(d.refused(texts, channel.WindowClosed)) // also the template
			d.drain(5 * time.Minute)
			want(t, "after the refusal of the template", c.sent, len(d.phone.texts())-texts)
			want(t, "its state", channel.Failed, d.reply().Parts[texts].State)
		})
	}
}

// A template that follows is not sent to a person who has opted out, and not after a day.
func TestWorker_LateTemplate_Worthless(t *testing.T) {
	for name, before := range map[string]func(*desk){
		"opted out": func(d *desk) {
			yes := true
			if _, err := d.Store.UpdateContact(t.Context(), nil, d.org, d.contact("316").ID, inbox.ContactPatch{OptedOut: &yes}); err != nil {
				d.t.Fatal(err)
			}
		},
		"a day later": func(d *desk) { d.sleep(inbox.Worth) },
	} {
		t.Run(name, func(t *testing.T) {
			d := openDesk(t, func(c *connection.Connection) {
				c.Settings.Fallback = &connection.Template{Name: "sorry", Language: "en"}
			})
			d.receive(d.message("m1", "316", "hello"))
			d.drain(time.Minute)
			before(d)
			d.receive(d.refused(0, channel.WindowClosed))
			d.drain(time.Hour)
			want(t, "sent", []string{"You said: hello"}, d.phone.texts())
			want(t, "state", channel.Failed, d.reply().Parts[0].State)
		})
	}
}

// A webhook that was captured and is sent again has no second effect, however much later: its
// record is kept, or its message is too old to be answered.
func TestReceiver_CapturedWebhook(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*connection.Connection)
		at     time.Duration // of the message, before its arrival; 0: it has no time
		wait   time.Duration
	}{
		"Meta, after its record":     {func(*connection.Connection) {}, time.Second, inbox.Kept + time.Second},
		"Meta, before that":          {func(*connection.Connection) {}, time.Second, inbox.Kept - time.Hour},
		"Meta, a year later":         {func(*connection.Connection) {}, time.Second, 365 * 24 * time.Hour},
		"Twilio, after eight days":   {func(c *connection.Connection) { c.Channel = connection.Twilio }, 0, inbox.Kept + time.Second},
		"Twilio, more than a year":   {func(c *connection.Connection) { c.Channel = connection.Twilio }, 0, inbox.KeptWithoutTime - time.Hour},
		"mail with a time, a year":   {func(c *connection.Connection) { c.Channel = connection.Email }, time.Second, 365 * 24 * time.Hour},
		"mail without one, 399 days": {func(c *connection.Connection) { c.Channel = connection.Email }, 0, 399 * 24 * time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			d := openDesk(t, c.change)
			m := d.message("m1", "316", "hello")
			m.Account, m.Message.At = "", time.Time{}
			if c.at != 0 {
				m.Message.At = d.now().Add(-c.at)
			}
			d.receive(m)
			d.drain(time.Hour)
			want(t, "answered", []string{"You said: hello"}, d.phone.texts())
			d.sleep(c.wait)
			d.receive(m)
			d.drain(time.Hour)
			want(t, "after the second", []string{"You said: hello"}, d.phone.texts())
		})
	}
}

// Changes of ids and of preferences that are older than their records are ignored: they would undo
// later ones.
func TestReceiver_CapturedChanges(t *testing.T) {
	d := openDesk(t)
	d.receive(d.message("m1", "316", "hello"))
	d.drain(time.Minute)
	stop := channel.Update{Account: "1", Preference: &channel.Preference{Person: channel.Person{Address: "316"}, OptedOut: true, At: d.now()}}
	moved := channel.Update{Account: "1", Identity: &channel.IdentityChange{ID: "i1", Before: channel.Person{Address: "316"}, After: channel.Person{Address: "317"}, At: d.now()}}
	d.sleep(inbox.Kept + time.Second)
	d.receive(stop, moved)
	d.drain(time.Hour)
	want(t, "declines templates", false, d.contact("316").NoTemplates)
	want(t, "number", "316", d.contact("316").Person.Address)
}

// Callbacks that use all their slots do not hold up what people write over a channel, and the
// other way round.
func TestWorker_BesideCallbacks(t *testing.T) {
	d := openDesk(t)
	for range work.RunSlots {
		if _, free, err := d.Store.ClaimSlot(t.Context(), work.Place{OrgID: d.org, Stage: work.Runs}, d.now(), d.now().Add(time.Hour)); err != nil || !free {
			t.Fatalf("got %t, %v; want a free slot", free, err)
		}
	}
	d.receive(d.message("m1", "316", "hello"))
	d.drain(3 * time.Second)
	want(t, "sent", []string{"You said: hello"}, d.phone.texts())
}
