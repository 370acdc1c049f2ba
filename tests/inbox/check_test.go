package inbox_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/quintet-agents/quintet/shared/channel"
	"github.com/quintet-agents/quintet/shared/inbox"
	"github.com/quintet-agents/quintet/shared/ledger"
	"github.com/quintet-agents/quintet/shared/thread"
	"github.com/quintet-agents/quintet/shared/turn"
)

// contact returns the contact who has an address now, or nil.
func (w *world) contact(t *testing.T, p channel.Person) (found *inbox.Contact) {
	t.Helper()
	r := inbox.Received{Ref: inbox.Ref{OrgID: w.org, Channel: w.connection.Channel, ConnectionID: w.connection.ID, UpdateID: "none"}}
	err := w.Store.File(t.Context(), r, inbox.Names{Aliases: inbox.Aliases(p)}, func(f inbox.Found) (inbox.Filing, error) {
		found = f.Contact
		return inbox.Filing{}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// chats returns the ids of all chats of the world's connection.
func (w *world) chats(t *testing.T) []inbox.Ref {
	t.Helper()
	var all []inbox.Ref
	for _, id := range w.contactIDs(t) {
		all = append(all, inbox.Ref{OrgID: w.org, Channel: w.connection.Channel, ConnectionID: w.connection.ID, ChatID: id})
	}
	return all
}

// outcome is what is left when all workers have ended.
type outcome struct {
	turns   []turn.Turn
	replies []inbox.Reply
	unsent  []string // texts of answered turns without a reply
}

// check checks what holds after any history: each message is in one turn or note, paid for
// once; nothing was sent twice; states agree with what the provider accepted; and no work is
// left.
func (w *world) check(t *testing.T, texts []string) outcome {
	t.Helper()
	o := w.read(t)
	w.checkTexts(t, o, texts)
	w.checkSends(t, o)
	w.checkMoney(t, o)
	return o
}

// read reads what is left, and checks that it is no work.
func (w *world) read(t *testing.T) (o outcome) {
	t.Helper()
	for _, ref := range w.chats(t) {
		c, err := w.Store.Chat(t.Context(), ref)
		if err != nil {
			t.Fatal(err)
		}
		if c == nil {
			continue
		}
		if c.Pending != 0 || c.Run != nil || len(c.Outbox) != 0 || c.Lease != "" || c.Tries != 0 {
			t.Errorf("got chat %+v, want no work left", c)
		}
		if waiting, err := w.Store.Pending(t.Context(), *c, 100); err != nil || len(waiting) != 0 {
			t.Errorf("got waiting messages %v, %v; want none", waiting, err)
		}
		turns, err := w.Store.TurnsAfter(t.Context(), thread.Thread{OrgID: w.org, ID: inbox.ThreadID(w.agent.ID, ref)}, 0, 1000)
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range turns {
			o.turns = append(o.turns, x)
			if x.Assistant == "" {
				continue
			}
			r, err := w.Store.Reply(t.Context(), *c, x.Messages()[1].ID)
			if err != nil {
				t.Fatal(err)
			}
			if r == nil {
				o.unsent = append(o.unsent, x.User)
				continue
			}
			o.replies = append(o.replies, *r)
		}
	}
	return o
}

// checkMoney checks that the org has paid for the turns, and for nothing else.
func (w *world) checkMoney(t *testing.T, o outcome) {
	t.Helper()
	var charged ledger.Credits
	for _, x := range o.turns {
		charged += x.Charge
	}
	if _, err := w.Store.Sweep(t.Context(), w.now().Add(ledger.HoldLife+time.Minute)); err != nil {
		t.Fatal(err)
	}
	if a := w.Account(t, w.org); len(a.Open) != 0 || a.Balance() != balance-charged {
		t.Errorf("got balance %d, open turns %v; want %d and none", a.Balance(), a.Open, balance-charged)
	}
}

// checkTexts checks that each text is in exactly one turn, and that turns have no other text.
func (w *world) checkTexts(t *testing.T, o outcome, texts []string) {
	t.Helper()
	var got []string
	for _, x := range o.turns {
		got = append(got, strings.Split(x.User, "\n")...)
	}
	slices.Sort(got)
	want := slices.Sorted(slices.Values(texts))
	if !slices.Equal(got, want) {
		t.Errorf("got the texts %q in all turns, want %q", got, want)
	}
}

// checkSends checks the states of all parts.
func (w *world) checkSends(t *testing.T, o outcome) {
	t.Helper()
	if len(o.unsent) > 0 {
		t.Errorf("got no replies for the turns %q, want one for each", o.unsent)
	}
	w.provider.mu.Lock()
	defer w.provider.mu.Unlock()
	left := map[string]bool{}
	for ref, n := range w.provider.accepted {
		left[ref] = true
		if n != 1 {
			t.Errorf("got %s accepted %d times, want once", ref, n)
		}
	}
	for _, r := range o.replies {
		for n, p := range r.Parts {
			ref := inbox.PartRef{ChatID: r.ChatID, ReplyID: r.ID, Part: n}.String()
			accepted := w.provider.accepted[ref] == 1
			delete(left, ref)
			switch p.State {
			case channel.Sent, channel.Delivered, channel.Read:
				if !accepted || p.MessageID == "" {
					t.Errorf("got part %s %+v, want one that the provider has accepted", ref, p)
				}
			case channel.Lost:
			case channel.Failed:
				if accepted && p.MessageID == "" {
					t.Errorf("got part %s %+v, which the provider has accepted", ref, p)
				}
			default:
				t.Errorf("got part %s in state %q, want an end", ref, p.State)
			}
		}
	}
	if len(left) > 0 {
		t.Errorf("got sends %v of no reply, want none", left)
	}
}
