package inbox_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/quintet-agents/quintet/shared/channel"
	"github.com/quintet-agents/quintet/shared/inbox"
	"github.com/quintet-agents/quintet/shared/turn"
	"github.com/quintet-agents/quintet/tests/mortal"
)

// forgetful loses the outcome of the first turn, which has settled.
type forgetful struct {
	turn.Runner
	lost bool
}

func (f *forgetful) Run(ctx context.Context, in turn.Input, sink turn.Sink) (turn.Outcome, error) {
	out, err := f.Runner.Run(ctx, in, sink)
	if !f.lost {
		f.lost = true
		return turn.Outcome{}, errors.New("the response was lost")
	}
	return out, err
}

// Messages that the provider delivers late stand before those of a run. The run still ends with
// the messages that its turn has answered.
func TestRun_KeepsMessages(t *testing.T) {
	w := openHall(t).world(t)
	var updates []channel.Update
	var texts []string
	for n := range 25 {
		texts = append(texts, fmt.Sprintf("text %d", n))
		u := w.message(fmt.Sprintf("m%d", n), "316", texts[n])
		u.Message.At = u.Message.At.Add(time.Duration(n-60) * time.Minute)
		updates = append(updates, u)
	}
	p := w.process(mortal.Immortal())
	turns := &forgetful{Runner: p.Turns}
	p.Turns = turns
	w.receive(t, updates[5:]...)
	for !turns.lost {
		m, ok := w.next(w.now().Add(time.Minute))
		if !ok {
			t.Fatal("got no message, want one that runs the turn")
		}
		w.take(t, p, m)
	}
	w.receive(t, updates[:5]...)
	w.settle(t, p)
	w.check(t, texts)
}

// A worker that froze before it stored an outcome does not change the part of a later attempt,
// but its own outcome replaces "unknown".
func TestPart_FrozenWorker(t *testing.T) {
	w := openHall(t).world(t)
	w.provider.limit = 1000
	w.provider.fault = func(int) (bool, error) { return false, &channel.SendError{Kind: channel.Unsent, Message: "down"} }
	w.receive(t, w.message("m1", "316", "hello"))
	p := w.process(mortal.Immortal())
	for w.provider.asked == 0 {
		m, ok := w.next(w.now().Add(time.Minute))
		if !ok {
			t.Fatal("got no message, want one that sends the answer")
		}
		w.take(t, p, m)
	}
	ref := w.chats(t)[0]
	chat, err := w.Store.Chat(t.Context(), ref)
	if err != nil || len(chat.Outbox) != 1 {
		t.Fatalf("got chat %+v, %v; want a reply in its outbox", chat, err)
	}
	r := inbox.Reply{Ref: ref, ID: chat.Outbox[0]}
	finish := func(attempt string, s channel.State, id string) {
		t.Helper()
		if _, err := w.Store.FinishPart(t.Context(), r, 0, inbox.Part{Attempt: attempt, State: s, MessageID: id, At: w.now()}); err != nil {
			t.Fatal(err)
		}
	}
	state := func(want channel.State) {
		t.Helper()
		got, err := w.Store.Reply(t.Context(), *chat, r.ID)
		if err != nil || got.Parts[0].State != want {
			t.Errorf("got %+v, %v; want state %q", got, err, want)
		}
	}
	if ok, err := w.Store.BeginPart(t.Context(), r, 0, "later", w.now()); !ok || err != nil {
		t.Fatalf("got %t, %v; want true", ok, err)
	}
	finish("", channel.Failed, "")
	state(channel.Sending)
	finish("earlier", channel.Lost, "")
	state(channel.Sending)
	finish("later", channel.Lost, "")
	state(channel.Lost)
	finish("earlier", channel.Sent, "out-0")
	state(channel.Lost)
	finish("later", channel.Sent, "out-1")
	state(channel.Sent)
}
