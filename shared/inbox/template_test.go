package inbox_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/quintet-agents/quintet/shared/channel"
	"github.com/quintet-agents/quintet/shared/channel/meta"
	"github.com/quintet-agents/quintet/shared/connection"
	"github.com/quintet-agents/quintet/shared/idempotency"
	"github.com/quintet-agents/quintet/shared/inbox"
	"github.com/quintet-agents/quintet/shared/turn"
	"github.com/quintet-agents/quintet/shared/work"
	"github.com/quintet-agents/quintet/tests/graph"
)

// outbox returns what sends templates from the desk's number, over a fake of Meta.
func (d *desk) outbox() (*channel.Outbox, *graph.Server) {
	server := graph.Start(d.t, graph.Number{ID: "1", AccountID: "2", Token: "t", Templates: []graph.Template{{Name: "order", Language: "en", Body: "Your order {{1}} has left."}}})
	return &channel.Outbox{
		Sends: d.Store, Connections: d.Store, Opener: plain{}, Now: d.now, Threads: &inbox.Templates{Store: d.Store, Now: d.now},
		Templates: meta.NewClient(http.DefaultClient, server.URL, meta.DefaultVersion),
	}, server
}

// order is a template for a person, under an idempotency key.
func (d *desk) order(key string) channel.Order {
	d.t.Helper()
	k, err := idempotency.New(d.org, http.MethodPost, "/waba", key, nil)
	if err != nil {
		d.t.Fatal(err)
	}
	return channel.Order{OrgID: d.org, AgentID: d.agent.ID, To: "31612345678", Name: "John Doe", Once: &k, Template: channel.Template{
		Name: "order", Language: "en", Components: []channel.Component{{
			Raw: []byte(`{"type":"body","parameters":[{"type":"text","text":"77"}]}`), Type: channel.Body, Parameters: []channel.Parameter{{Text: "77"}},
		}},
	}}
}

const orderText = "Your order 77 has left."

// delivery returns the parts of the latest message of the thread with a person.
func (d *desk) delivery(address string) []inbox.Part {
	d.t.Helper()
	turns := d.turns(address)
	id := turns[len(turns)-1].Messages()[0].ID
	replies, err := d.Store.Replies(d.t.Context(), d.look(d.threadOf(address)).Chat.Ref, id, id)
	if err != nil {
		d.t.Fatal(err)
	}
	return replies[id].Parts
}

func (d *desk) status(ref, messageID string, state channel.State) channel.Update {
	return channel.Update{Account: "1", Status: &channel.Status{MessageID: messageID, Ref: ref, State: state, At: d.now(), Price: channel.Price{Category: "utility"}}}
}

// A template to somebody who never wrote begins the thread, and an answer to it has its context.
func TestTemplates_Context(t *testing.T) {
	d := openDesk(t)
	outbox, server := d.outbox()
	server.Contact("31612345678", "316") // Meta's id of the person
	if _, _, err := outbox.Send(t.Context(), d.order("k")); err != nil {
		t.Fatal(err)
	}
	note := d.turns("316")[0]
	want(t, "note", turn.Turn{Assistant: orderText, Note: true, Author: turn.Template, Channel: "whatsapp"},
		turn.Turn{User: note.User, Assistant: note.Assistant, Note: note.Note, Author: note.Author, Channel: note.Channel})
	contact := d.contact("316")
	want(t, "name", "John Doe", contact.Name)
	if !contact.LastSeen.IsZero() || !contact.Closed(d.now()) || d.contact("31612345678").ID != contact.ID {
		t.Errorf("got contact %+v, want one that never wrote and has both numbers", contact)
	}
	if v := d.look(d.threadOf("316")); v.Thread.Title != orderText || v.Chat.Pending != 0 {
		t.Errorf("got %+v, want the title of the template and nothing waiting", v)
	}
	accepted := server.Accepted()[0]
	want(t, "sent", []channel.State{channel.Sent}, states(d.delivery("316")))
	d.receive(d.status(accepted.Ref, accepted.ID, channel.Delivered))
	p := d.delivery("316")[0]
	want(t, "part", inbox.Part{State: channel.Delivered, MessageID: accepted.ID, Price: channel.Price{Category: "utility"}},
		inbox.Part{State: p.State, MessageID: p.MessageID, Price: p.Price})

	d.receive(d.message("m1", "316", "which one?"))
	d.drain(time.Minute)
	want(t, "answers", []string{"You said: which one?"}, d.phone.texts())
	want(t, "thread", [][2]string{{"", orderText}, {"which one?", "You said: which one?"}}, said(d.turns("316")))
	if asked := d.asked[len(d.asked)-1]; !strings.Contains(asked, orderText) {
		t.Errorf("the model was asked %s, want the template in the history", asked)
	}
	if d.contact("316").Closed(d.now()) {
		t.Error("got a closed window, want it open after a message")
	}
}

func states(parts []inbox.Part) []channel.State {
	all := []channel.State{}
	for _, p := range parts {
		all = append(all, p.State)
	}
	return all
}

// A template to somebody who wrote joins the thread, and does not move the window.
func TestTemplates_KnownContact(t *testing.T) {
	d := openDesk(t)
	outbox, _ := d.outbox()
	d.receive(d.message("m1", "31612345678", "hello"))
	d.drain(time.Minute)
	before := d.contact("31612345678")
	d.sleep(time.Hour)
	if _, _, err := outbox.Send(t.Context(), d.order("k")); err != nil {
		t.Fatal(err)
	}
	want(t, "thread", [][2]string{{"hello", "You said: hello"}, {"", orderText}}, said(d.turns("31612345678")))
	after := d.contact("31612345678")
	if after.ID != before.ID || !after.LastSeen.Equal(before.LastSeen) || after.Name != "Ann" {
		t.Errorf("got %+v, want the contact as before: %+v", after, before)
	}
}

// No template goes to a person who opted out, by whichever way the number is written. What was
// sent before is still the answer to its key.
func TestTemplates_OptedOut(t *testing.T) {
	d := openDesk(t)
	outbox, server := d.outbox()
	const number = "31612345678"
	for _, step := range []struct {
		out  bool
		key  string
		want error
		sent int
	}{{false, "before", nil, 1}, {true, "while", channel.ErrOptedOut, 1}, {true, "before", nil, 1}, {false, "while", nil, 2}} {
		d.sleep(time.Second)
		stop := d.message(fmt.Sprintf("m%s%t", step.key, step.out), number, "STOP or START")
		stop.Message.Handling, stop.Message.Consent = channel.Record, map[bool]channel.Consent{true: channel.OptOut, false: channel.OptIn}[step.out]
		d.receive(stop)
		d.drain(time.Minute)
		entries := len(d.turns(number))
		if _, _, err := outbox.Send(t.Context(), d.order(step.key)); !errors.Is(err, step.want) {
			t.Errorf("%+v: got %v", step, err)
		}
		want(t, "sent", step.sent, len(server.Accepted()))
		if step.want != nil {
			want(t, "entries", entries, len(d.turns(number)))
		}
	}
}

// A lost response leaves the template in the thread as unknown, until its first status.
func TestTemplates_Lost(t *testing.T) {
	d := openDesk(t)
	outbox, server := d.outbox()
	server.Lose(graph.HangUp)
	if _, _, err := outbox.Send(t.Context(), d.order("k")); err == nil {
		t.Fatal("got no error of a lost response")
	}
	want(t, "thread", [][2]string{{"", "[template order]\n77"}}, said(d.turns("31612345678")))
	want(t, "lost", []channel.State{channel.Lost}, states(d.delivery("31612345678")))
	accepted := server.Accepted()[0]
	d.receive(d.status(accepted.Ref, accepted.ID, channel.Read))
	want(t, "settled", []channel.State{channel.Read}, states(d.delivery("31612345678")))
	d.receive(d.status("", accepted.ID, channel.Played)) // without our id too, once it is known
	if d.drain(time.Hour); len(server.Accepted()) != 1 {
		t.Errorf("got %d sends, want 1", len(server.Accepted()))
	}
}

// A refused template is not in the thread.
func TestTemplates_Refused(t *testing.T) {
	d := openDesk(t)
	outbox, server := d.outbox()
	d.receive(d.message("m1", "31612345678", "hello"))
	d.drain(time.Minute)
	server.Refuse(graph.Error(http.StatusBadRequest, 132000, "(#132000) Number of parameters does not match"))
	if _, _, err := outbox.Send(t.Context(), d.order("k")); err == nil {
		t.Fatal("got no error of a refused template")
	}
	want(t, "thread", [][2]string{{"hello", "You said: hello"}}, said(d.turns("31612345678")))
}

// A template whose process died joins the thread once: by its first status, the sweep, or a
// repetition of its request.
func TestTemplates_Killed(t *testing.T) {
	for name, tc := range map[string]struct {
		settle func(d *desk, outbox *channel.Outbox, sent graph.Accepted)
		want   channel.State
	}{
		"status": {func(d *desk, _ *channel.Outbox, sent graph.Accepted) {
			d.receive(d.status(sent.Ref, sent.ID, channel.Delivered))
			d.drain(time.Hour)
		}, channel.Delivered},
		"sweep": {func(d *desk, _ *channel.Outbox, _ graph.Accepted) {
			d.sleep(channel.SendTime)
			if err := work.Sweep(d.Store.WaitingInbox(connection.MetaVendor), d)(d.t.Context(), d.now()); err != nil {
				d.t.Error(err)
			}
			d.drain(time.Hour)
		}, channel.Lost},
		"repetition": {func(d *desk, outbox *channel.Outbox, _ graph.Accepted) {
			d.sleep(channel.SendTime)
			if _, _, err := outbox.Send(d.t.Context(), d.order("k")); err == nil {
				d.t.Error("got no error of a send that was cut off")
			}
		}, channel.Lost},
	} {
		t.Run(name, func(t *testing.T) {
			d := openDesk(t)
			outbox, server := d.outbox()
			killed := *outbox
			killed.Templates = dying{outbox.Templates}
			var dead sync.WaitGroup
			dead.Go(func() { _, _, _ = killed.Send(t.Context(), d.order("k")) })
			dead.Wait()
			sent := server.Accepted()[0]
			for range 2 {
				tc.settle(d, outbox, sent)
			}
			want(t, "thread", [][2]string{{"", "[template order]\n77"}}, said(d.turns("31612345678")))
			want(t, "state", []channel.State{tc.want}, states(d.delivery("31612345678")))
			if len(server.Accepted()) != 1 {
				t.Errorf("got %d sends, want 1", len(server.Accepted()))
			}
		})
	}
}

// dying sends, and its process dies before it knows the outcome.
type dying struct{ channel.TemplateSender }

func (d dying) SendTemplate(ctx context.Context, from channel.Sender, m channel.Message) (channel.Receipt, error) {
	_, _ = d.TemplateSender.SendTemplate(ctx, from, m)
	runtime.Goexit()
	return channel.Receipt{}, nil
}

// Many templates at once to a new person find one contact and one thread, in order.
func TestTemplates_Race(t *testing.T) {
	d := openDesk(t)
	outbox, _ := d.outbox()
	var all sync.WaitGroup
	for _, key := range []string{"1", "2", "3", "4", "5"} {
		all.Go(func() {
			if _, _, err := outbox.Send(t.Context(), d.order(key)); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	turns := d.turns("31612345678")
	if len(turns) != 5 {
		t.Fatalf("got %d notes, want 5", len(turns))
	}
	starts := 0
	for _, x := range turns {
		if x.Starts {
			starts++
		}
	}
	if starts != 1 || !turns[0].Starts {
		t.Errorf("got %d first notes, want only the first", starts)
	}
}
