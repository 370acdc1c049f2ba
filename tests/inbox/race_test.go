package inbox_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/quintet-agents/quintet/shared/channel"
	"github.com/quintet-agents/quintet/tests/mortal"
)

// beside freezes a worker at each of its calls while it handles one message of the queue, and
// has another handle the rest meanwhile. open returns a world with the messages, the slow
// worker's first; check looks at the outcome.
func beside(t *testing.T, open func(t *testing.T) *world, check func(t *testing.T, w *world)) {
	t.Helper()
	for n := 0; ; n++ {
		l := mortal.New(n, mortal.Froze)
		t.Run(fmt.Sprintf("call %d", n), func(t *testing.T) {
			w := open(t)
			slow, ok := w.next(w.now().Add(time.Minute))
			if !ok {
				t.Fatal("got no message, want that of the slow worker")
			}
			ended := make(chan struct{})
			go func() {
				defer close(ended)
				w.take(t, w.process(l), slow)
			}()
			select {
			case <-ended:
			case <-l.Frozen:
				for {
					m, ok := w.next(w.now())
					if !ok {
						break
					}
					w.take(t, w.process(mortal.Immortal()), m)
				}
				close(l.Thawed)
				<-ended
			}
			w.settle(t, w.process(mortal.Immortal()))
			check(t, w)
		})
		if !l.Reached() {
			return
		}
	}
}

// Of two corrections of an answered message that are filed at the same time, the later one
// remains.
func TestCorrection_Race(t *testing.T) {
	h := openHall(t)
	beside(t, func(t *testing.T) *world {
		w := h.world(t)
		w.receive(t, w.message("m1", "316", "helo"))
		w.settle(t, w.process(mortal.Immortal()))
		for _, c := range []struct {
			text string
			at   time.Duration
		}{{"hello", 2 * time.Second}, {"hallo", time.Second}} {
			w.receive(t, channel.Update{Correction: &channel.Correction{ID: c.text, MessageID: "m1", Text: c.text, At: w.now().Add(c.at)}})
		}
		return w
	}, func(t *testing.T, w *world) { w.check(t, []string{"hello"}) })
}

// A message from a new number that is filed at the same time as the report of the change leaves
// one contact with all names.
func TestIdentity_Race(t *testing.T) {
	h := openHall(t)
	before, after := channel.Person{Address: "316", UserID: "NL.1"}, channel.Person{Address: "317", UserID: "NL.2"}
	beside(t, func(t *testing.T) *world {
		w := h.world(t)
		write := func(id string, p channel.Person) {
			u := w.message(id, p.Address, id)
			u.Message.From = p
			w.receive(t, u)
		}
		write("m1", before)
		write("m2", channel.Person{UserID: after.UserID})
		w.settle(t, w.process(mortal.Immortal()))
		write("m3", after)
		w.receive(t, channel.Update{Account: "1", Identity: &channel.IdentityChange{ID: "i1", Before: before, After: after, At: w.now()}})
		return w
	}, func(t *testing.T, w *world) {
		byUser, byAddress := w.contact(t, channel.Person{UserID: after.UserID}), w.contact(t, channel.Person{Address: after.Address})
		if byUser == nil || byAddress == nil || byUser.ID != byAddress.ID {
			t.Errorf("got contacts %+v and %+v, want one", byUser, byAddress)
		}
		w.check(t, []string{"m1", "m2", "m3"})
	})
}
