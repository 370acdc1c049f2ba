package inbox_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/quintet-agents/quintet/shared/channel"
	"github.com/quintet-agents/quintet/shared/connection"
	"github.com/quintet-agents/quintet/tests/mortal"
)

// A mail that names 200 earlier ones costs no more calls than one that names few, and is found by
// its latest or its first reference. Mail programs leave out those between.
func TestFile_ManyReferences(t *testing.T) {
	h := openHall(t)
	w := h.world(t, func(c *connection.Connection) {
		c.Channel, c.Identifiers = connection.Email, map[string]string{"provider": "postmark", "address": "shop@shop.example"}
	})
	unknown := func(name string) []string {
		ids := make([]string, 100)
		for n := range ids {
			ids[n] = fmt.Sprintf("%s-%d@example.org", name, n)
		}
		return ids
	}
	mail := func(id string, inReplyTo, references []string) channel.Update {
		return channel.Update{Message: &channel.Inbound{
			ID: id, From: channel.Person{Address: "ada@example.org"}, At: w.now(), Type: "mail", Handling: channel.Record, Text: id,
			Mail: &channel.Mail{MessageID: id, InReplyTo: inReplyTo, References: references, Subject: "Shoes"},
		}}
	}
	// calls files a mail and returns the calls to the table.
	calls := func(u channel.Update) int {
		w.receive(t, u)
		m, ok := w.next(w.now())
		if !ok {
			t.Fatal("got no message, want one")
		}
		l := mortal.New(-1, mortal.Before)
		if err := w.process(l).Work(t.Context(), m.body); err != nil {
			t.Fatal(err)
		}
		w.settle(t, w.process(mortal.Immortal()))
		return l.Calls()
	}
	calls(mail("first@example.org", nil, nil))
	few := calls(mail("second@example.org", []string{"first@example.org"}, []string{"first@example.org"}))
	for name, u := range map[string]channel.Update{
		"latest": mail("third@example.org", unknown("a"), append(unknown("b"), "first@example.org")),
		"first":  mail("fourth@example.org", unknown("c"), append([]string{"first@example.org"}, unknown("d")...)),
		"twice":  mail("fifth@example.org", append(unknown("e"), "first@example.org"), slices.Repeat([]string{"first@example.org"}, 100)),
		"none":   mail("sixth@example.org", unknown("f"), unknown("g")),
	} {
		if got := calls(u); got > few+2 {
			t.Errorf("%s: got %d calls, want about the %d of a mail that names one", name, got, few)
		}
		w.sleep(time.Minute)
	}
	threads, err := w.Store.ThreadsAndChannels(t.Context(), w.org, w.agent.ID, nil, 10)
	if err != nil || len(threads) != 2 {
		t.Errorf("got %d threads, %v; want that of the first mail, and one of the mail without known references", len(threads), err)
	}
}
