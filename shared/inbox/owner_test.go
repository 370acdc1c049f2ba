package inbox_test

import (
	"testing"
	"time"

	"github.com/quintet-agents/quintet/shared/channel"
)

// A number that moves to somebody else takes neither the thread nor what waits for the person
// who had it. A late message moves no number back.
func TestWorker_NumberMoves(t *testing.T) {
	d := openDesk(t)
	write := func(id, user, address, text string, at time.Duration) {
		t.Helper()
		u := d.message(id, address, text)
		u.Message.From.UserID, u.Message.At = user, d.now().Add(at)
		d.receive(u)
	}
	d.phone.fail = func(int) error { return &channel.SendError{Kind: channel.Unsent, Message: "down"} }
	write("m1", "NL.A", "316", "secret", 0)
	d.drain(10 * time.Second)
	write("m2", "NL.B", "316", "[[recall]]", 0)
	d.drain(3 * time.Second)
	d.phone.fail = nil
	d.drain(time.Hour)
	write("m3", "NL.A", "316", "late", -2*time.Hour)
	d.drain(time.Minute)
	write("m4", "NL.B", "316", "again", 0)
	d.drain(time.Minute)
	got := map[string][]string{}
	for _, m := range d.phone.sent {
		to := m.To.UserID + " " + m.To.Address
		got[to] = append(got[to], m.Text)
	}
	want(t, "sent", map[string][]string{
		"NL.A ":    {"You said: secret", "You said: late"},
		"NL.B 316": {"You said: again"},
	}, got)
}

// Messages are filed in any order: an earlier one does not bring an old number back.
func TestWorker_LateNumber(t *testing.T) {
	d := openDesk(t)
	write := func(id, address string, at time.Duration) {
		t.Helper()
		u := d.message(id, address, id)
		u.Message.From.UserID, u.Message.At = "NL.1", d.now().Add(at)
		d.receive(u)
		d.drain(time.Minute)
	}
	write("m1", "316", -time.Hour)
	write("m2", "317", 0)
	write("m3", "316", -30*time.Minute)
	want(t, "sent to", "317", d.phone.sent[2].To.Address)
}
