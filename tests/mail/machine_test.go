package mail_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/quintet-agents/quintet/tests/mail"
)

// Mail of programs is in its thread and is not answered.
func TestAutomatic(t *testing.T) {
	s := open(t)
	b := s.connect(t, mail.Postmark{Username: "hook", Password: "secret"})
	away := b.letter(ada, "I am away.")
	away.Header = [][2]string{{"Auto-Submitted", "auto-replied"}}
	list := b.letter("list@example.org", "News")
	list.Header = [][2]string{{"Precedence", "bulk"}}
	b.deliver(t, away)
	b.deliver(t, list)
	b.deliver(t, b.letter(eve, "hello"))
	b.expect(t, eve, "You said: hello")
	var got []string
	eventually(t, "record of both mails", func() bool {
		got = nil
		for _, th := range s.threads(t) {
			got = append(got, s.messages(t, th.ID)...)
		}
		return len(got) == 4
	})
	want := map[string]bool{"user: I am away.": true, "user: News": true, "user: hello": true, "assistant: You said: hello [sent]": true}
	found := map[string]bool{}
	for _, m := range got {
		found[m] = true
	}
	if d := cmp.Diff(want, found); d != "" {
		t.Errorf("messages (-want +got):\n%s", d)
	}
	if n := len(s.ses.Accepted()); n != 1 {
		t.Errorf("got %d mails, want 1", n)
	}
}

// A bounce makes the answer failed, with the reason, and is not answered.
func TestBounce(t *testing.T) {
	s := open(t)
	b := s.connect(t, mail.Mailgun{SigningKey: "key-1"})
	b.deliver(t, b.letter(ada, "hello"))
	a := b.expect(t, ada, "You said: hello")
	bounce := mail.Bounce(b.address, "bounce@example.org", a.messageID, ada, "5.1.1", "550 no such user")
	b.deliver(t, bounce)
	threads := s.threads(t)
	if len(threads) != 1 {
		t.Fatalf("got %d threads, want 1", len(threads))
	}
	want := []string{"user: hello", "assistant: You said: hello [failed The mail could not be delivered: 5.1.1 550 no such user]"}
	var got []string
	eventually(t, "failed answer", func() bool {
		got = s.messages(t, threads[0].ID)
		return strings.Contains(got[len(got)-1], "[failed")
	})
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("messages (-want +got):\n%s", d)
	}
}

// An unknown machine that answers every answer gets ten an hour. Others are answered meanwhile.
func TestPace(t *testing.T) {
	s := open(t)
	b := s.connect(t, mail.NewSendGrid())
	l := b.letter(ada, "ping 0")
	b.deliver(t, l)
	a := b.expect(t, ada, "You said: ping 0")
	for n := 1; n < 12; n++ {
		l := b.letter(ada, fmt.Sprintf("ping %d", n))
		l.To = a.replyTo
		b.deliver(t, l)
		if n < 10 {
			b.expect(t, ada, fmt.Sprintf("You said: ping %d", n))
		}
	}
	b.deliver(t, b.letter(eve, "hello"))
	b.expect(t, eve, "You said: hello")
	var pending []int
	eventually(t, "two mails that wait", func() bool {
		pending = nil
		for _, th := range s.threads(t) {
			pending = append(pending, th.State.Pending)
		}
		return cmp.Equal([]int{0, 2}, pending)
	})
	if n := len(s.ses.Accepted()); n != 11 {
		t.Errorf("got %d mails, want 11", n)
	}
}
