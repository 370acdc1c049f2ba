package inbox_test

import (
	"flag"
	"fmt"
	"testing"
	"time"

	"github.com/quintet-agents/quintet/shared/channel"
	"github.com/quintet-agents/quintet/shared/inbox"
	"github.com/quintet-agents/quintet/tests/mortal"
)

// all makes the tests take each end of a worker at each call, instead of one of them.
var all = flag.Bool("all", false, "end a worker in every way at every call")

// A worker dies or freezes at each of its calls to the table, the queue and the provider,
// while it files two messages, answers them and sends the answer in parts. Others finish.
func TestWorker_EndsAnywhere(t *testing.T) {
	h := openHall(t)
	ends := mortal.Ends
	offset := int(time.Now().UnixNano() / 1000 % int64(len(ends)))
	t.Logf("offset %d", offset)
	for n := 0; ; n++ {
		reached := false
		for i, e := range ends {
			if !*all && (n+offset)%len(ends) != i {
				continue
			}
			l := mortal.New(n, e)
			t.Run(fmt.Sprintf("%s call %d", e, n), func(t *testing.T) { h.endAt(t, l) })
			reached = l.Reached()
		}
		if !reached {
			if n < 30 {
				t.Errorf("got %d calls of a worker, want at least 30", n)
			}
			return
		}
	}
}

// endAt runs a burst of two messages through a worker with a life and then through others.
func (h *hall) endAt(t *testing.T, l *mortal.Life) {
	t.Helper()
	w := h.world(t)
	w.shard(t, 1+l.At%2)
	w.receive(t, w.message("m1", "316", "one"), w.message("m2", "316", "two"))
	p := w.process(l)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for !l.Reached() {
			m, ok := w.next(w.now().Add(time.Minute))
			if !ok {
				return
			}
			w.take(t, p, m)
		}
	}()
	select {
	case <-ended:
	case <-l.Died: // what is left of it reaches nothing any more
	case <-l.Frozen:
		h.sleep(inbox.LeaseTime + time.Second)
		w.settle(t, w.process(mortal.Immortal()))
		close(l.Thawed)
		<-ended
	}
	h.sleep(time.Minute) // the slot of a dead worker expires
	w.settle(t, w.process(mortal.Immortal()))
	o := w.check(t, []string{"one", "two"})
	lost := 0
	for _, r := range o.replies {
		for _, part := range r.Parts {
			if part.State == channel.Lost {
				lost++
			}
		}
	}
	if lost > 1 || lost > 0 && !l.Reached() {
		t.Errorf("got %d parts whose outcome is unknown, want at most the one at which the worker ended", lost)
	}
}
