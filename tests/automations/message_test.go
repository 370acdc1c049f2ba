package automations_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/quintet-agents/quintet/shared/automation"
	"github.com/quintet-agents/quintet/shared/channel"
	"github.com/quintet-agents/quintet/shared/channel/phone"
	"github.com/quintet-agents/quintet/shared/connection"
	"github.com/quintet-agents/quintet/shared/inbox"
	"github.com/quintet-agents/quintet/shared/work"
	"github.com/quintet-agents/quintet/tests/mortal"
)

// recorder is a provider that takes texts of at most ten bytes.
type recorder struct {
	channel.Provider
	mu   sync.Mutex
	sent []channel.Outgoing
}

func (*recorder) Split(text string) []string {
	var parts []string
	for len(text) > 10 {
		parts, text = append(parts, text[:10]), text[10:]
	}
	return append(parts, text)
}

func (r *recorder) Send(_ context.Context, _ channel.Account, m channel.Outgoing) (channel.Receipt, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.sent = append(r.sent, m)
	return channel.Receipt{MessageID: fmt.Sprint("out-", len(r.sent), m.To.Address)}, nil
}

// A message reaches people who never wrote, where the channel allows it, in parts of the channel's
// length. A mail begins a conversation.
func TestRun_MessageToSomebodyNew(t *testing.T) {
	h := openHall(t)
	for _, c := range []struct {
		channel     connection.Channel
		identifiers map[string]string
		to          string
		want        []string // addresses and texts
		subject     string
	}{
		{connection.Twilio, map[string]string{"from": "+15551230000"}, "+31 6 12345678", []string{"+31612345678 good morni", "+31612345678 ng"}, ""},
		{connection.Email, map[string]string{"address": "shop@example.com"}, "ann@example.com", []string{"ann@example.com good morni", "ann@example.com ng"}, "Your order 4711"},
	} {
		t.Run(string(c.channel), func(t *testing.T) {
			w := h.world(t)
			w.change(t, func(conn *connection.Connection) { conn.Channel, conn.Identifiers = c.channel, c.identifiers })
			r := w.start(t, fmt.Sprintf(`{"id": "x", "type": "message", "connection_id": %q, "to": %q, "subject": "Your order {{trigger.body.id}}", "text": "good morning"}`, w.connection.ID, c.to))
			sent := &recorder{}
			p := w.process(mortal.Immortal())
			p.channel.Providers = func(connection.Channel) channel.Provider { return sent }
			if got := w.settle(t, p, r.Ref); got.State != automation.Completed {
				t.Fatalf("got the run %s with %+v, want it completed", got.State, got.Error)
			}
			var got []string
			for _, m := range sent.sent {
				got = append(got, m.To.Address+" "+m.Text)
				if m.Human || m.Mail != nil && m.Mail.Subject != c.subject {
					t.Errorf("got %+v with the head %+v, want no person's message about %q", m, m.Mail, c.subject)
				}
			}
			if d := cmp.Diff(c.want, got); d != "" {
				t.Errorf("messages (-want +got):\n%s", d)
			}
			notes := w.notes(t)
			if len(notes) != 1 || notes[0].Assistant != "good morning" || !notes[0].Automatic() || notes[0].Automation != r.AutomationID {
				t.Errorf("got the thread %+v, want one message of the automation", notes)
			}
			if e := w.steps(t, r)["x"]; !strings.Contains(string(e.Output), `"state":"sent"`) {
				t.Errorf("got the output %s, want it sent", e.Output)
			}
		})
	}
}

// Twenty workers that post one message at once add it once.
func TestPoster_Races(t *testing.T) {
	h := openHall(t)
	w := h.world(t)
	poster := &inbox.Poster{Store: h.Store, Phone: phone.Parse, Now: h.now, Workers: func(connection.Channel) work.Queue { return w }}
	ids := make([]string, 20)
	var all sync.WaitGroup
	for i := range ids {
		all.Go(func() {
			r, err := poster.Post(t.Context(), inbox.Post{ID: "one", OrgID: w.org, ConnectionID: w.connection.ID, Automation: "a", To: w.person, Text: "hello"})
			if err != nil {
				t.Error(err)
				return
			}
			ids[i] = r.ID
		})
	}
	all.Wait()
	written := 0
	for _, n := range w.notes(t) {
		if n.Assistant == "hello" {
			written++
		}
	}
	for _, id := range ids {
		if id != ids[0] || written != 1 {
			t.Fatalf("got the messages %v and %d in the thread, want one", ids, written)
		}
	}
}
