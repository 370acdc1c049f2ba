package inbox_test

import (
	"testing"
	"time"

	"github.com/quintet-agents/quintet/shared/channel"
	"github.com/quintet-agents/quintet/shared/inbox"
	"github.com/quintet-agents/quintet/tests/mortal"
)

// A thread that is deleted at any time takes what it has with it. Messages that still wait start
// it again, with a turn or a note, and the chat comes to rest.
func TestThread_Deleted(t *testing.T) {
	h := openHall(t)
	for name, handling := range map[string]channel.Handling{"turn": channel.Answer, "note": channel.Record} {
		for _, run := range []bool{false, true} {
			t.Run(name, func(t *testing.T) {
				w := h.world(t)
				w.receive(t, w.message("m1", "316", "one"))
				p := w.process(mortal.Immortal())
				w.settle(t, p)
				second := w.message("m2", "316", "two")
				second.Message.Handling = handling
				w.receive(t, second)
				p.Turns = &forgetful{Runner: p.Turns, lost: !run}
				for {
					m, ok := w.next(w.now().Add(2 * time.Second))
					if !ok {
						break
					}
					w.take(t, p, m)
				}
				ref := w.chats(t)[0]
				if err := w.Store.DeleteThread(t.Context(), nil, w.org, inbox.ThreadID(w.agent.ID, ref), w.now()); err != nil {
					t.Fatal(err)
				}
				w.sleep(time.Second)
				w.receive(t, w.message("m3", "316", "three"))
				w.settle(t, p)
				o := w.read(t)
				w.checkTexts(t, o, []string{"three"})
				if got := len(w.provider.sent); got == 0 || w.provider.sent[got-1].Text == "" {
					t.Errorf("got %d sends, want an answer to the last message", got)
				}
			})
		}
	}
}
