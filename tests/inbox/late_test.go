package inbox_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/quintet-agents/quintet/shared/channel"
	"github.com/quintet-agents/quintet/shared/connection"
	"github.com/quintet-agents/quintet/shared/inbox"
	"github.com/quintet-agents/quintet/tests/mortal"
)

// A worker dies or freezes at each of its calls, from the turn to the template that follows an
// answer which statuses report as refused because the window was closed. The statuses are
// delivered again after it. Exactly one template leaves; at most one part is unknown.
func TestWorker_EndsInLateTemplate(t *testing.T) {
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
			t.Run(fmt.Sprintf("%s call %d", e, n), func(t *testing.T) { h.endLateAt(t, l) })
			reached = l.Reached()
		}
		if !reached {
			if n < 8 {
				t.Errorf("got %d calls of a worker, want at least 8", n)
			}
			return
		}
	}
}

// endLateAt answers a message, reports both parts as refused, and runs the rest through a worker
// with a life and then through others.
func (h *hall) endLateAt(t *testing.T, l *mortal.Life) {
	t.Helper()
	w := h.world(t, func(c *connection.Connection) {
		c.Settings.Fallback = &connection.Template{Name: "sorry", Language: "en"}
	})
	w.receive(t, w.message("m1", "316", "one"))
	w.settle(t, w.process(mortal.Immortal()))
	var refused []channel.Update
	for _, s := range w.provider.sent {
		refused = append(refused, channel.Update{Account: "1", Status: &channel.Status{
			Ref: s.Ref, MessageID: s.id, State: channel.Failed, At: w.now(), Failure: &channel.SendError{Kind: channel.WindowClosed, Code: 131047},
		}})
	}
	texts := len(refused)
	w.receive(t, refused[0])
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
	case <-l.Died:
	case <-l.Frozen:
		h.sleep(inbox.LeaseTime + time.Second)
		w.receive(t, refused...)
		w.settle(t, w.process(mortal.Immortal()))
		close(l.Thawed)
		<-ended
	}
	w.receive(t, refused...)
	h.sleep(time.Minute) // the slot of a dead worker expires
	w.settle(t, w.process(mortal.Immortal()))
	w.receive(t, refused...)
	w.settle(t, w.process(mortal.Immortal()))
	o := w.check(t, []string{"one"})
	parts := o.replies[0].Parts
	if len(parts) != texts+1 || parts[texts].Template == nil {
		t.Fatalf("got parts %+v, want a template after %d texts", parts, texts)
	}
	sent := len(w.provider.sent) - texts
	switch last := parts[texts].State; {
	case last == channel.Sent && sent == 1:
	case last == channel.Lost && sent <= 1 && l.Reached():
	default:
		t.Errorf("got a template in state %q and %d sends of it, want one", last, sent)
	}
}
