package inbox_test

import (
	"testing"
	"time"

	"github.com/quintet-agents/quintet/shared/channel"
	"github.com/quintet-agents/quintet/shared/connection"
	"github.com/quintet-agents/quintet/shared/inbox"
)

// Messenger reports that all messages up to a time were delivered or read. That concerns what was
// sent to this person before.
func TestReceiver_Watermark(t *testing.T) {
	d := openDesk(t, func(c *connection.Connection) {
		c.Channel, c.Identifiers = connection.Messenger, map[string]string{"page_id": "1"}
	})
	say := func(id, from string) {
		d.receive(d.message(id, from, "hello"))
		d.drain(time.Minute)
	}
	report := func(state channel.State, upTo time.Time) {
		d.receive(channel.Update{Account: "1", Status: &channel.Status{State: state, UpTo: upTo, At: d.now(), Person: channel.Person{Address: "316"}}})
		d.drain(time.Minute)
	}
	states := func(from string) (all []channel.State) {
		chat := inbox.Chat{Ref: inbox.Ref{OrgID: d.org, Channel: d.connection.Channel, ConnectionID: d.connection.ID, ChatID: d.contact(from).ID}}
		for _, t := range d.turns(from) {
			r, err := d.Store.Reply(d.t.Context(), chat, t.Messages()[1].ID)
			if err != nil || r == nil {
				d.t.Fatalf("got reply %v, %v; want one", r, err)
			}
			all = append(all, r.Parts[0].State)
		}
		return all
	}
	say("m1", "316")
	say("m2", "317")
	d.sleep(time.Minute)
	seen := d.now()
	d.sleep(time.Minute)
	say("m3", "316")
	report(channel.Delivered, d.now())
	want(t, "delivered", []channel.State{channel.Delivered, channel.Delivered}, states("316"))
	report(channel.Read, seen)
	report(channel.Delivered, seen)
	want(t, "read", []channel.State{channel.Read, channel.Delivered}, states("316"))
	want(t, "another person", []channel.State{channel.Sent}, states("317"))
}
