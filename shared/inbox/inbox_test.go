package inbox_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"image"
	"image/png"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/quintet-agents/quintet/shared/channel"
	"github.com/quintet-agents/quintet/shared/connection"
	"github.com/quintet-agents/quintet/shared/inbox"
	"github.com/quintet-agents/quintet/shared/ledger"
	"github.com/quintet-agents/quintet/shared/thread"
	"github.com/quintet-agents/quintet/shared/turn"
)

// turns returns the turns of the thread with the person who has a number.
func (d *desk) turns(address string) []turn.Turn {
	d.t.Helper()
	return d.turnsOf(d.threadOf(address))
}

// turnsOf returns the turns of a thread.
func (d *desk) turnsOf(id string) []turn.Turn {
	d.t.Helper()
	turns, err := d.Store.TurnsAfter(d.t.Context(), thread.Thread{OrgID: d.org, ID: id}, 0, 100)
	if err != nil {
		d.t.Fatal(err)
	}
	return turns
}

func (d *desk) contact(address string) inbox.Contact {
	d.t.Helper()
	return d.known(channel.Person{Address: address})
}

// known returns the contact who is found by the ids of a person.
func (d *desk) known(p channel.Person) inbox.Contact {
	d.t.Helper()
	var found *inbox.Contact
	r := inbox.Received{Ref: inbox.Ref{OrgID: d.org, Channel: d.connection.Channel, ConnectionID: d.connection.ID, UpdateID: "none"}}
	_ = d.Store.File(d.t.Context(), r, inbox.Names{Aliases: inbox.Aliases(p)}, func(f inbox.Found) (inbox.Filing, error) {
		found = f.Contact
		return inbox.Filing{}, nil
	})
	if found == nil {
		d.t.Fatalf("got no contact of %+v, want one", p)
	}
	return *found
}

func said(turns []turn.Turn) [][2]string {
	all := [][2]string{}
	for _, t := range turns {
		all = append(all, [2]string{t.User, t.Assistant})
	}
	return all
}

func want(t *testing.T, what string, want, got any) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("%s (-want +got):\n%s", what, d)
	}
}

// A burst is answered once, after a quiet moment; what comes during the turn is answered by the
// next one. Redeliveries change nothing.
func TestWorker_Burst(t *testing.T) {
	d := openDesk(t)
	d.receive(d.message("m1", "316", "hello"), d.message("m2", "316", "are you there?"))
	d.receive(d.message("m1", "316", "hello"))
	d.sleep(time.Second)
	d.receive(d.message("m3", "316", "it is me"))
	d.drain(time.Minute)
	want(t, "sent", []string{"You said: hello\nare you there?\nit is me"}, d.phone.texts())
	d.receive(d.message("m4", "316", "[[recall]]"), d.message("m3", "316", "it is me"))
	d.drain(time.Minute)
	want(t, "thread", [][2]string{
		{"hello\nare you there?\nit is me", "You said: hello\nare you there?\nit is me"},
		{"[[recall]]", "hello\nare you there?\nit is me"},
	}, said(d.turns("316")))
	want(t, "channel", "whatsapp", d.turns("316")[0].Channel)
	if got := d.Account(t, d.org).Balance(); got >= 1000*ledger.Credit || len(d.Account(t, d.org).Open) != 0 {
		t.Errorf("got balance %d and open turns %v, want both turns charged and none open", got, d.Account(t, d.org).Open)
	}
}

// People are apart, and one person is one contact by each of the ids.
func TestWorker_People(t *testing.T) {
	d := openDesk(t)
	both := d.message("m1", "316", "one")
	both.Message.From.UserID = "NL.1"
	hidden := d.message("m2", "", "two")
	hidden.Message.From.UserID = "NL.1"
	d.receive(both)
	d.drain(time.Minute)
	d.receive(hidden, d.message("m3", "317", "three"))
	d.drain(time.Minute)
	want(t, "first", [][2]string{{"one", "You said: one"}, {"two", "You said: two"}}, said(d.turns("316")))
	want(t, "second", [][2]string{{"three", "You said: three"}}, said(d.turns("317")))
	d.receive(channel.Update{Identity: &channel.IdentityChange{ID: "i1", Before: channel.Person{UserID: "NL.1"}, After: channel.Person{Address: "318", UserID: "NL.2"}}})
	d.drain(time.Minute)
	want(t, "sent", 3, len(d.phone.texts()))
	moved := d.message("m4", "318", "four")
	moved.Message.From.UserID = "NL.2"
	d.receive(moved)
	d.drain(time.Minute)
	want(t, "after the change", [][2]string{{"one", "You said: one"}, {"two", "You said: two"}, {"four", "You said: four"}}, said(d.turns("318")))
}

// What cannot be read is named and declined once; what is only to be recorded is not answered.
func TestWorker_Handling(t *testing.T) {
	d := openDesk(t)
	voice, reaction := d.message("m1", "316", ""), d.message("m2", "316", "[reaction 👍]")
	voice.Message.Type, voice.Message.Handling, voice.Message.Media = "audio", channel.Decline, []channel.Media{{Type: "voice"}}
	reaction.Message.Handling = channel.Record
	d.receive(voice, reaction)
	d.drain(time.Minute)
	d.receive(d.message("m3", "316", "well?"))
	d.drain(time.Minute)
	want(t, "sent", []string{connection.DefaultUnsupportedText, "You said: well?"}, d.phone.texts())
	want(t, "thread", [][2]string{{"[voice]\n[reaction 👍]", connection.DefaultUnsupportedText}, {"well?", "You said: well?"}}, said(d.turns("316")))
}

func TestWorker_OptOut(t *testing.T) {
	d := openDesk(t)
	stop, start := d.message("m1", "316", "STOP"), d.message("m3", "316", "START")
	stop.Message.Consent, stop.Message.Handling = channel.OptOut, channel.Record
	start.Message.Consent, start.Message.Handling = channel.OptIn, channel.Record
	for _, u := range []channel.Update{stop, d.message("m2", "316", "hello"), start, d.message("m4", "316", "again")} {
		d.receive(u)
		d.drain(time.Minute)
		d.sleep(time.Second)
	}
	want(t, "sent", []string{"You said: again"}, d.phone.texts())
	want(t, "thread", [][2]string{{"STOP", ""}, {"hello", ""}, {"START", ""}, {"again", "You said: again"}}, said(d.turns("316")))
}

// The latest word about consent counts, in whichever order messages are filed.
func TestWorker_OptOutOutOfOrder(t *testing.T) {
	d := openDesk(t)
	stop, start := d.message("m1", "316", "STOP"), d.message("m2", "316", "START")
	stop.Message.Consent, stop.Message.Handling, stop.Message.At = channel.OptOut, channel.Record, d.now().Add(-time.Minute)
	start.Message.Consent, start.Message.Handling, start.Message.At = channel.OptIn, channel.Record, d.now().Add(-time.Second)
	for _, u := range []channel.Update{start, stop, d.message("m3", "316", "again")} {
		d.receive(u)
		d.drain(time.Minute)
	}
	want(t, "sent", []string{"You said: again"}, d.phone.texts())
}

// Each kind of failed send is repeated, or not, as its kind says.
func TestWorker_Sends(t *testing.T) {
	kind := func(k channel.Kind) error { return &channel.SendError{Kind: k, Code: 7, Message: "why"} }
	for name, c := range map[string]struct {
		fails []error // of the first sends
		sent  int
		state channel.State
	}{
		"accepted":      {nil, 1, channel.Sent},
		"throttled":     {[]error{kind(channel.Throttled), kind(channel.Throttled)}, 1, channel.Sent},
		"unsent":        {[]error{kind(channel.Unsent), kind(channel.Unsent), kind(channel.Unsent), kind(channel.Unsent)}, 1, channel.Sent},
		"unknown":       {[]error{kind(channel.Unknown)}, 0, channel.Lost},
		"rejected":      {[]error{kind(channel.Rejected)}, 0, channel.Failed},
		"undeliverable": {[]error{kind(channel.Undeliverable)}, 0, channel.Failed},
		"window":        {[]error{kind(channel.WindowClosed)}, 0, channel.Failed},
	} {
		t.Run(name, func(t *testing.T) {
			d := openDesk(t)
			d.phone.fail = func(n int) error {
				if n <= len(c.fails) {
					return c.fails[n-1]
				}
				return nil
			}
			d.receive(d.message("m1", "316", "hello"))
			d.drain(time.Hour)
			want(t, "sent", c.sent, len(d.phone.texts()))
			r := d.reply()
			want(t, "state", c.state, r.Parts[0].State)
			want(t, "reason", c.state != channel.Sent, r.Parts[0].Reason != "")
			want(t, "problem", true, d.read().Problem == nil || name == "unsent")
		})
	}
}

// chat returns the chat of the person who has a number.
func (d *desk) chat(address string) inbox.Ref {
	d.t.Helper()
	return inbox.Ref{OrgID: d.org, Channel: d.connection.Channel, ConnectionID: d.connection.ID, ChatID: d.contact(address).ID}
}

// reply returns the reply that the first turn of person 316 caused.
func (d *desk) reply() inbox.Reply { d.t.Helper(); return d.replyTo(0) }

// replyTo returns the reply that a turn of person 316 caused, by the number of the turn.
func (d *desk) replyTo(n int) inbox.Reply {
	d.t.Helper()
	r, err := d.Store.Reply(d.t.Context(), inbox.Chat{Ref: d.chat("316")}, d.turns("316")[n].Messages()[1].ID)
	if err != nil || r == nil {
		d.t.Fatalf("got reply %v, %v; want one", r, err)
	}
	return *r
}

func (d *desk) read() connection.Connection {
	d.t.Helper()
	c, err := d.Store.Connection(d.t.Context(), d.org, d.connection.ID)
	if err != nil {
		d.t.Fatal(err)
	}
	return c
}

// A refused token stops the connection; after a rotation, what is still worth it is sent.
func TestWorker_Stopped(t *testing.T) {
	d := openDesk(t)
	stopped := true
	d.phone.fail = func(int) error {
		if stopped {
			return &channel.SendError{Kind: channel.Stopped, Code: 190, Message: "Token expired"}
		}
		return nil
	}
	d.receive(d.message("m1", "316", "hello"))
	d.drain(time.Hour)
	want(t, "asked", 1, d.phone.asked)
	want(t, "problem", "190", d.read().Problem.Code)
	stopped = false
	if _, err := d.Store.RotateCredentials(t.Context(), nil, d.org, d.connection.ID, connection.Sealed{"access_token": []byte("u")}, d.now()); err != nil {
		t.Fatal(err)
	}
	d.drain(time.Hour)
	want(t, "sent", []string{"You said: hello"}, d.phone.texts())
}

// Without credits nothing is answered and the connection says why. When there are some, what is
// still worth it is answered.
func TestWorker_NoCredits(t *testing.T) {
	d := openDesk(t)
	balance := d.Account(t, d.org).Available
	d.spend(balance)
	d.receive(d.message("m1", "316", "hello"))
	d.drain(time.Hour)
	want(t, "sent", []string{}, d.phone.texts())
	want(t, "problem", connection.NoCredits, d.read().Problem.Code)
	d.spend(-balance)
	d.drain(time.Hour)
	want(t, "sent", []string{"You said: hello"}, d.phone.texts())
	if p := d.read().Problem; p != nil {
		t.Errorf("got problem %+v, want none", p)
	}
}

// Outside the window the connection's template is sent once, or nothing.
func TestWorker_Window(t *testing.T) {
	for name, template := range map[string]*connection.Template{"none": nil, "template": {Name: "sorry", Language: "en"}} {
		t.Run(name, func(t *testing.T) {
			d := openDesk(t, func(c *connection.Connection) { c.Settings.Fallback = template })
			down := true
			d.phone.fail = func(int) error {
				if down {
					return &channel.SendError{Kind: channel.Unsent, Message: "down"}
				}
				return nil
			}
			early := d.message("m1", "316", "hello")
			early.Message.At = d.now().Add(-inbox.Window + time.Minute)
			d.receive(early)
			d.drain(5 * time.Minute)
			down = false
			d.drain(time.Hour)
			want(t, "sent", template != nil, len(d.phone.texts()) == 1)
			if template == nil {
				want(t, "state", channel.Failed, d.reply().Parts[0].State)
			} else {
				want(t, "sent", []string{"template sorry"}, d.phone.texts())
			}
		})
	}
}

// Statuses settle parts in any order, by our id or the provider's.
func TestReceiver_Statuses(t *testing.T) {
	d := openDesk(t)
	d.phone.limit = 10
	d.receive(d.message("m1", "316", "hello"))
	d.drain(time.Minute)
	ref := d.phone.sent[0].Ref
	status := func(id, ref string, s channel.State) channel.Update {
		return channel.Update{Account: "1", Status: &channel.Status{MessageID: id, Ref: ref, State: s, At: d.now(), Price: channel.Price{Category: "service"}}}
	}
	d.receive(status("out-1", ref, channel.Read), status("out-2", "", channel.Delivered))
	d.receive(status("out-1", ref, channel.Delivered), status("out-1", ref, channel.Sent), status("unknown", "", channel.Read))
	parts := d.reply().Parts
	want(t, "states", []channel.State{channel.Read, channel.Delivered}, []channel.State{parts[0].State, parts[1].State})
	want(t, "price", "service", parts[0].Price.Category)
}

// A status without a time has that of its arrival.
func TestReceiver_StatusWithoutTime(t *testing.T) {
	d := openDesk(t)
	d.receive(d.message("m1", "316", "hello"))
	d.drain(time.Minute)
	d.sleep(time.Minute)
	d.receive(channel.Update{Status: &channel.Status{MessageID: "out-1", Ref: d.phone.sent[0].Ref, State: channel.Delivered}})
	part := d.reply().Parts[0]
	want(t, "state", channel.Delivered, part.State)
	want(t, "time", d.now(), part.At.UTC())
}

// WhatsApp's window is also that of Twilio's WhatsApp, where a person may have only a user id.
func TestContact_WindowEnd(t *testing.T) {
	seen := time.Now()
	for name, c := range map[string]struct {
		channel connection.Channel
		person  channel.Person
		want    bool
	}{
		"WhatsApp":                    {connection.WhatsApp, channel.Person{Address: "316"}, true},
		"Twilio's WhatsApp":           {connection.Twilio, channel.Person{Address: "whatsapp:+316"}, true},
		"Twilio's WhatsApp, no phone": {connection.Twilio, channel.Person{UserID: "NL.1"}, true},
		"SMS":                         {connection.Twilio, channel.Person{Address: "+316"}, false},
		"mail":                        {connection.Email, channel.Person{Address: "a@b.c"}, false},
	} {
		end := inbox.Contact{Channel: c.channel, Person: c.person, LastSeen: seen}.WindowEnd()
		want(t, name, c.want, end.Equal(seen.Add(inbox.Window)))
	}
}

// A status settles a send whose response was lost.
func TestReceiver_StatusOfLostSend(t *testing.T) {
	d := openDesk(t)
	d.phone.fail = func(int) error { return &channel.SendError{Kind: channel.Unknown, Message: "cut off"} }
	d.receive(d.message("m1", "316", "hello"))
	d.drain(time.Minute)
	r := d.reply()
	want(t, "before", channel.Lost, r.Parts[0].State)
	ref := inbox.PartRef{ChatID: r.ChatID, ReplyID: r.ID, Part: 0}.String()
	d.receive(channel.Update{Status: &channel.Status{MessageID: "wamid.1", Ref: ref, State: channel.Delivered, At: d.now()}})
	r = d.reply()
	want(t, "after", channel.Delivered, r.Parts[0].State)
	want(t, "id", "wamid.1", r.Parts[0].MessageID)
}

// A correction changes the message where it is, and starts no turn.
func TestWorker_Corrections(t *testing.T) {
	d := openDesk(t)
	correct := func(id, of, text string, withdrawn bool) channel.Update {
		return channel.Update{Correction: &channel.Correction{ID: id, MessageID: of, Text: text, Withdrawn: withdrawn}}
	}
	d.receive(d.message("m1", "316", "helo"))
	if m, ok := d.next(d.now()); !ok || d.worker.Work(t.Context(), m.body) != nil { // filed
		t.Fatal("got no message to file, want one")
	}
	d.receive(correct("c1", "m1", "hello", false))
	d.drain(time.Minute)
	want(t, "waiting", [][2]string{{"hello", "You said: hello"}}, said(d.turns("316")))
	d.receive(correct("c2", "m1", "", true), correct("c3", "nobody", "x", false))
	d.drain(time.Minute)
	want(t, "answered", [][2]string{{"[message withdrawn]", "You said: hello"}}, said(d.turns("316")))
	want(t, "sent", 1, len(d.phone.texts()))
}

// An image reaches the model. One that cannot be used is declined, unless there are words.
func TestWorker_Images(t *testing.T) {
	var file bytes.Buffer
	if err := png.Encode(&file, image.NewGray(image.Rect(0, 0, 3, 2))); err != nil {
		t.Fatal(err)
	}
	url := base64.StdEncoding.EncodeToString(file.Bytes())
	seen := fmt.Sprintf("[image image/png 3x2 %d bytes]", file.Len())
	for name, c := range map[string]struct{ url, text, want string }{
		"seen":               {url, "[image]", "You said: [image] " + seen},
		"with a caption":     {url, "[image]\nwhat is this?", "You said: [image]\nwhat is this? " + seen},
		"gone":               {"", "[image]", connection.DefaultUnsupportedText},
		"gone, with words":   {"", "[image]\nhello", "You said: [image]\nhello"},
		"no image":           {"text", "[image]", connection.DefaultUnsupportedText},
		"refused with words": {url, "[image]\n[[noimages]] hello", "You said: [image]\nhello"},
	} {
		t.Run(name, func(t *testing.T) {
			d := openDesk(t)
			m := d.message("m1", "316", c.text)
			m.Message.Type, m.Message.Media = "image", []channel.Media{{Type: "image", URL: c.url}}
			d.receive(m)
			d.drain(time.Minute)
			want(t, "sent", []string{c.want}, d.phone.texts())
		})
	}
}

// An agent's Markdown is written in the form of the channel; the thread keeps it as it was.
func TestWorker_Form(t *testing.T) {
	for c, form := range map[connection.Channel]string{connection.WhatsApp: "You said: *now* http://a.example", connection.Messenger: "You said: now http://a.example"} {
		t.Run(string(c), func(t *testing.T) {
			d := openDesk(t, func(x *connection.Connection) {
				x.Channel, x.Identifiers = c, map[string]string{"phone_number_id": "1", "page_id": "1"}
			})
			d.receive(d.message("m1", "316", "**now** http://a.example"))
			d.drain(time.Minute)
			want(t, "sent", []string{form}, d.phone.texts())
			want(t, "thread", [][2]string{{"**now** http://a.example", "You said: **now** http://a.example"}}, said(d.turns("316")))
		})
	}
}

// A provider that knows of an opt-out tells us by its refusal.
func TestWorker_OptedOutAtProvider(t *testing.T) {
	d := openDesk(t)
	d.phone.fail = func(int) error {
		return &channel.SendError{Kind: channel.Undeliverable, Code: 21610, Message: "unsubscribed", OptedOut: true}
	}
	d.receive(d.message("m1", "316", "hello"))
	d.drain(time.Minute)
	d.receive(d.message("m2", "316", "hello?"))
	d.drain(time.Minute)
	want(t, "opted out", true, d.contact("316").OptedOut)
	want(t, "asked", 1, d.phone.asked)
}

// A status that overtakes the response to a send decides: the provider has the message, so the
// others of its reply follow.
func TestWorker_StatusBeforeResponse(t *testing.T) {
	for _, kind := range []channel.Kind{channel.Rejected, channel.Undeliverable, channel.Unknown, channel.WindowClosed, channel.Throttled} {
		t.Run(string(kind), func(t *testing.T) {
			d := openDesk(t)
			d.phone.limit = 12
			d.phone.fail = func(n int) error {
				if n > 1 {
					return nil
				}
				r := d.reply()
				ref := inbox.PartRef{ChatID: r.ChatID, ReplyID: r.ID}.String()
				d.receive(channel.Update{Account: "1", Status: &channel.Status{MessageID: "wamid", Ref: ref, State: channel.Delivered, At: d.now()}})
				return &channel.SendError{Kind: kind, Message: "no"}
			}
			d.receive(d.message("m1", "316", "hello"))
			d.drain(time.Minute)
			parts := d.reply().Parts
			want(t, "states", []channel.State{channel.Delivered, channel.Sent}, states(parts))
			want(t, "reason", "", parts[0].Reason)
			want(t, "sent", []string{"llo"}, d.phone.texts())
		})
	}
}

// A reply is complete when the store has no open part: a worker whose lease has ended may have
// begun one, and takes it back later.
func TestWorker_PartOfLapsedWorker(t *testing.T) {
	d := openDesk(t)
	d.phone.limit = 12
	var r inbox.Reply
	d.phone.fail = func(int) error {
		r = d.reply()
		if ours, err := d.Store.BeginPart(t.Context(), r, 1, "lapsed", d.now()); err != nil || !ours {
			t.Errorf("got %t, %v; want the part begun", ours, err)
		}
		return &channel.SendError{Kind: channel.Rejected, Message: "no"}
	}
	d.receive(d.message("m1", "316", "hello"))
	d.drain(time.Minute)
	if _, err := d.Store.TakeBackPart(t.Context(), r, 1, "lapsed"); err != nil {
		t.Fatal(err)
	}
	want(t, "state", channel.Lost, d.reply().Parts[1].State)
}
