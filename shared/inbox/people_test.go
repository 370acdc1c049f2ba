package inbox_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/quintet-agents/quintet/shared/channel"
	"github.com/quintet-agents/quintet/shared/connection"
	"github.com/quintet-agents/quintet/shared/inbox"
	"github.com/quintet-agents/quintet/shared/model"
	"github.com/quintet-agents/quintet/shared/thread"
	"github.com/quintet-agents/quintet/shared/turn"
	"github.com/quintet-agents/quintet/shared/work"
)

// people returns the desk of the people of the business.
func (d *desk) people() *inbox.Desk {
	return &inbox.Desk{Store: d.Store, Workers: func(connection.Channel) work.Queue { return d }, Now: d.now}
}

// threadOf returns the id of the thread with the person who has a number.
func (d *desk) threadOf(address string) string {
	d.t.Helper()
	return d.threadWith(d.contact(address).ID)
}

func (d *desk) look(threadID string) inbox.View {
	d.t.Helper()
	v, err := inbox.Look(d.t.Context(), d.Store, d.org, threadID)
	if err != nil {
		d.t.Fatal(err)
	}
	return v
}

func (d *desk) handOver(threadID string, over bool) {
	d.t.Helper()
	if _, err := d.people().Update(d.t.Context(), nil, d.org, threadID, inbox.ThreadPatch{HandedOver: &over}); err != nil {
		d.t.Fatal(err)
	}
}

// What a person writes is in the thread at once, and goes out in messages of the channel.
func TestDesk_Write(t *testing.T) {
	d := openDesk(t)
	d.receive(d.message("m1", "316", "hello"))
	d.drain(time.Minute)
	id := d.threadOf("316")
	long := strings.Repeat("a", 1000) + "b"
	w, err := d.people().Write(t.Context(), nil, d.org, "user-1", id, long)
	if err != nil {
		t.Fatal(err)
	}
	note := d.turns("316")[1]
	want(t, "note", turn.Turn{Assistant: long, Note: true, Author: turn.Person, KeyID: "user-1", Channel: "whatsapp"},
		turn.Turn{User: note.User, Assistant: note.Assistant, Note: note.Note, Author: note.Author, KeyID: note.KeyID, Channel: note.Channel})
	if got := w.Message(); got.ID != note.Messages()[0].ID || got.Role != model.Assistant || got.ID != w.Reply.ID {
		t.Errorf("got message %+v and reply %s, want the assistant's of the note", got, w.Reply.ID)
	}
	d.drain(time.Minute)
	want(t, "sent", []string{"You said: hello", long[:1000], "b"}, d.phone.texts())
	if last := d.phone.sent[2]; !last.Human {
		t.Errorf("got %+v, want a message of a person", last)
	}
	replies, err := d.Store.Replies(t.Context(), d.look(id).Chat.Ref, w.Reply.ID, w.Reply.ID)
	if err != nil {
		t.Fatal(err)
	}
	states := []channel.State{}
	for _, p := range replies[w.Reply.ID].Parts {
		states = append(states, p.State)
	}
	want(t, "states", []channel.State{channel.Sent, channel.Sent}, states)
}

// Nothing is stored for a contact whom it would not reach.
func TestDesk_Write_Refusals(t *testing.T) {
	yes := true
	for name, tc := range map[string]struct {
		breaks func(d *desk)
		want   error
	}{
		"opted out": {func(d *desk) {
			d.patchContact("316", inbox.ContactPatch{OptedOut: &yes})
		}, inbox.ErrOptedOut},
		"disabled": {func(d *desk) { d.patchConnection(connection.Patch{Disabled: &yes}) }, inbox.ErrChannelDisabled},
		"deleted": {func(d *desk) {
			if err := d.Store.DeleteConnection(d.t.Context(), nil, d.org, d.connection.ID); err != nil {
				d.t.Fatal(err)
			}
		}, inbox.ErrNoSuchChannel},
		"window closed": {func(d *desk) { d.sleep(inbox.Window) }, inbox.ErrWindowClosed},
		"no templates": {func(d *desk) {
			d.receive(channel.Update{Account: "1", Preference: &channel.Preference{Person: channel.Person{Address: "316"}, OptedOut: true, At: d.now()}})
			d.drain(time.Minute)
			d.fallback()
			d.sleep(inbox.Window)
		}, inbox.ErrNoTemplates},
	} {
		t.Run(name, func(t *testing.T) {
			d := openDesk(t)
			d.receive(d.message("m1", "316", "hello"))
			d.drain(time.Minute)
			tc.breaks(d)
			if _, err := d.people().Write(t.Context(), nil, d.org, "user-1", d.threadOf("316"), "hi"); !errors.Is(err, tc.want) {
				t.Errorf("got %v, want %v", err, tc.want)
			}
			d.drain(time.Minute)
			want(t, "sent", []string{"You said: hello"}, d.phone.texts())
			if got := len(d.turns("316")); got != 1 {
				t.Errorf("got %d turns, want no note", got)
			}
		})
	}
}

func (d *desk) patchContact(address string, p inbox.ContactPatch) {
	d.t.Helper()
	if _, err := d.Store.UpdateContact(d.t.Context(), nil, d.org, d.contact(address).ID, p); err != nil {
		d.t.Fatal(err)
	}
}

func (d *desk) patchConnection(p connection.Patch) {
	d.t.Helper()
	if _, err := d.Store.UpdateConnection(d.t.Context(), nil, d.org, d.connection.ID, p, d.now()); err != nil {
		d.t.Fatal(err)
	}
}

// Outside the window the connection's template goes out in place of the text.
func TestDesk_Write_Template(t *testing.T) {
	d := openDesk(t)
	d.fallback()
	d.receive(d.message("m1", "316", "hello"))
	d.drain(time.Minute)
	d.sleep(inbox.Window)
	if _, err := d.people().Write(t.Context(), nil, d.org, "user-1", d.threadOf("316"), strings.Repeat("a", 1001)); err != nil {
		t.Fatal(err)
	}
	d.drain(time.Minute)
	want(t, "sent", []string{"You said: hello", "template back"}, d.phone.texts())
}

// Instagram and Messenger give people of the business seven days.
func TestDesk_Write_PeopleWindow(t *testing.T) {
	d := openDesk(t, func(c *connection.Connection) {
		c.Channel, c.Identifiers = connection.Messenger, map[string]string{"page_id": "1"}
	})
	d.receive(d.message("m1", "316", "hello"))
	d.drain(time.Minute)
	d.sleep(6 * 24 * time.Hour)
	id := d.threadOf("316")
	if _, err := d.people().Write(t.Context(), nil, d.org, "user-1", id, "sorry for the wait"); err != nil {
		t.Fatal(err)
	}
	d.drain(time.Minute)
	want(t, "sent", []string{"You said: hello", "sorry for the wait"}, d.phone.texts())
	d.sleep(24 * time.Hour)
	if _, err := d.people().Write(t.Context(), nil, d.org, "user-1", id, "hi"); !errors.Is(err, inbox.ErrLongSilence) {
		t.Errorf("got %v, want ErrLongSilence", err)
	}
}

// A thread that did not begin over a channel has nobody to write to, whatever its id is.
func TestDesk_NoChannel(t *testing.T) {
	d := openDesk(t)
	plain := d.Thread(t, d.agent)
	d.receive(d.message("m1", "316", "hello"))
	d.drain(time.Minute)
	alike := thread.Thread{
		ID: inbox.ThreadID(d.agent.ID, inbox.Ref{ConnectionID: d.connection.ID, ChatID: connection.NewID()}), OrgID: d.org,
		AgentID: d.agent.ID, Channel: "whatsapp", CreatedAt: d.now(),
	}
	if err := d.Store.CreateThread(t.Context(), nil, alike); err != nil {
		t.Fatal(err)
	}
	over, title := true, "A plain title"
	for _, id := range []string{plain.ID, alike.ID} {
		if _, err := d.people().Write(t.Context(), nil, d.org, "user-1", id, "hi"); !errors.Is(err, inbox.ErrNoChannel) {
			t.Errorf("%s: got %v, want ErrNoChannel", id, err)
		}
		if _, err := d.people().Update(t.Context(), nil, d.org, id, inbox.ThreadPatch{HandedOver: &over}); !errors.Is(err, inbox.ErrNoHandover) {
			t.Errorf("%s: got %v, want ErrNoHandover", id, err)
		}
		v, err := d.people().Update(t.Context(), nil, d.org, id, inbox.ThreadPatch{Title: &title})
		if err != nil || v.Thread.Title != title || d.look(id).Thread.Title != title {
			t.Errorf("%s: got %+v, %v, want the title %q", id, v, err, title)
		}
	}
	if _, err := d.people().Write(t.Context(), nil, d.org, "user-1", "none", "hi"); !errors.Is(err, thread.ErrNotFound) {
		t.Errorf("got %v, want ErrNotFound", err)
	}
}

// While a person answers the agent is silent, and what the person wrote is in its history when
// it answers again. A message that waits then is answered.
func TestDesk_HandOver(t *testing.T) {
	d := openDesk(t)
	d.receive(d.message("m1", "316", "hello"))
	d.drain(time.Minute)
	id := d.threadOf("316")
	d.handOver(id, true)
	d.receive(d.message("m2", "316", "a person, please"))
	d.drain(time.Minute)
	if _, err := d.people().Write(t.Context(), nil, d.org, "user-1", id, "here I am"); err != nil {
		t.Fatal(err)
	}
	d.drain(time.Minute)
	want(t, "sent", []string{"You said: hello", "here I am"}, d.phone.texts())
	if v := d.look(id); !v.Chat.HandedOver || v.Contact == nil || v.Contact.Person.Address != "316" {
		t.Errorf("got chat %+v and contact %+v, want a handed over chat of 316", v.Chat, v.Contact)
	}
	d.receive(d.message("m3", "316", "[[recall]]"))
	d.drain(0) // it is filed, and waits for a quiet moment
	if v := d.look(id); v.Chat.Pending != 1 {
		t.Errorf("got %d messages waiting, want 1", v.Chat.Pending)
	}
	d.handOver(id, false)
	d.drain(time.Minute)
	want(t, "thread", [][2]string{
		{"hello", "You said: hello"}, {"a person, please", ""}, {"", "here I am"}, {"[[recall]]", "hello | a person, please"},
	}, said(d.turns("316")))
}

// Filters select threads, and pages go on where the one before ended.
func TestFind(t *testing.T) {
	d := openDesk(t)
	for _, address := range []string{"311", "312", "313"} {
		d.sleep(24 * time.Hour)
		d.receive(d.message("m"+address, address, "hello"))
		d.drain(time.Minute)
	}
	plain := thread.New(d.org, d.agent.ID, d.now().Add(time.Hour))
	plain.Channel = "flapjack"
	if err := d.Store.CreateThread(t.Context(), nil, plain); err != nil {
		t.Fatal(err)
	}
	first, second, third := d.threadOf("311"), d.threadOf("312"), d.threadOf("313")
	d.handOver(second, true)
	at := d.look(second).Thread.CreatedAt
	yes, no := true, false
	for name, tc := range map[string]struct {
		only inbox.Filter
		want []string
	}{
		"all":              {inbox.Filter{}, []string{plain.ID, third, second, first}},
		"agent":            {inbox.Filter{AgentID: d.agent.ID}, []string{plain.ID, third, second, first}},
		"channel of agent": {inbox.Filter{AgentID: d.agent.ID, Channel: "whatsapp", HandedOver: &no}, []string{third, first}},
		"other agent":      {inbox.Filter{AgentID: connection.NewID()}, []string{}},
		"channel":          {inbox.Filter{Channel: "whatsapp"}, []string{third, second, first}},
		"surface":          {inbox.Filter{Channel: "flapjack"}, []string{plain.ID}},
		"contact":          {inbox.Filter{ContactID: d.contact("313").ID}, []string{third}},
		"handed over":      {inbox.Filter{HandedOver: &yes}, []string{second}},
		"not handed over":  {inbox.Filter{HandedOver: &no}, []string{third, first}},
		"from":             {inbox.Filter{From: at}, []string{plain.ID, third, second}},
		"to":               {inbox.Filter{To: at}, []string{first}},
		"range":            {inbox.Filter{From: at, To: at.Add(time.Second), Channel: "whatsapp"}, []string{second}},
	} {
		t.Run(name, func(t *testing.T) {
			for limit := 1; limit <= 5; limit++ {
				got := []string{}
				var after *thread.Thread
				for {
					page, next, err := inbox.Find(t.Context(), d.Store, d.org, tc.only, after, limit)
					if err != nil || len(page) > limit {
						t.Fatalf("limit %d: got %d threads, %v", limit, len(page), err)
					}
					for _, v := range page {
						got = append(got, v.Thread.ID)
					}
					if after = next; next == nil {
						break
					}
				}
				want(t, "threads", tc.want, got)
			}
		})
	}
}

// fallback gives the connection a template for contacts outside the window.
func (d *desk) fallback() {
	d.t.Helper()
	template := &connection.Template{Name: "back", Language: "en"}
	d.patchConnection(connection.Patch{Settings: connection.SettingsPatch{Fallback: &template}})
}
