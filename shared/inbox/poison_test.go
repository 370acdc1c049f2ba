package inbox_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/quintet-agents/quintet/shared/channel"
)

// Messages whose JSON is longer than a row of the table are received all the same, cut or not.
func TestReceiver_LargestMessages(t *testing.T) {
	d := openDesk(t, overMail)
	d.phone.limit = 1 << 20
	angles := d.mail("m1@x.example", "ann@x.example", "begin "+strings.Repeat("<", 100_000-6))
	ids := d.mail("m2@x.example", "bob@x.example", "begin "+strings.Repeat("é", 40_000))
	for i := range 100 {
		id := fmt.Sprintf("%d%s@x.example", i, strings.Repeat("&", 980))
		ids.Message.Mail.References = append(ids.Message.Mail.References, id)
		ids.Message.Mail.InReplyTo = append(ids.Message.Mail.InReplyTo, id)
		ids.Message.Media = append(ids.Message.Media, channel.Media{Type: "document", Name: strings.Repeat("<", 255), ContentType: strings.Repeat(">", 255)})
	}
	control := d.mail("m3@x.example", "eve@x.example", "begin "+strings.Repeat("\x01", 96<<10))
	correction := channel.Update{Correction: &channel.Correction{ID: "c1", MessageID: "m3@x.example", Text: strings.Repeat("\x02", 96<<10), At: d.now()}}
	d.receive(angles, ids, control)
	d.drain(time.Minute)
	d.receive(correction)
	d.drain(time.Minute)
	for _, address := range []string{"ann@x.example", "bob@x.example", "eve@x.example"} {
		contact := d.contact(address)
		if contact.LastSeen.IsZero() {
			t.Errorf("the mail of %s was not filed", address)
		}
	}
	want(t, "answers", 3, len(d.phone.texts()))
	for _, text := range d.phone.texts() {
		if !strings.HasPrefix(text, "You said: begin ") {
			t.Errorf("got %.40q, want an answer to what the person wrote", text)
		}
	}
}

// Corrections that make the text of a turn longer and longer stay within a row.
func TestWorker_LargestCorrections(t *testing.T) {
	d := openDesk(t)
	d.phone.limit = 1 << 20
	for i := range 6 {
		d.receive(d.message(fmt.Sprintf("m%d", i), "316", fmt.Sprintf("message %d", i)))
	}
	d.drain(time.Minute)
	for i := range 6 {
		d.sleep(time.Second)
		d.receive(channel.Update{Correction: &channel.Correction{
			ID: fmt.Sprintf("c%d", i), MessageID: fmt.Sprintf("m%d", i), Text: strings.Repeat("x", 96<<10), At: d.now(),
		}})
		d.drain(time.Minute)
	}
	if got := said(d.turns("316")); len(got) != 1 || !strings.HasPrefix(got[0][0], "xxx") {
		t.Errorf("got %d turns, want one that begins with the first correction", len(got))
	}
}
