package mail_test

import (
	"bytes"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/quintet-agents/quintet/tests/mail"
)

// A mail is answered once, however often it is delivered, in a mail that programs thread and no
// autoresponder answers. What the person answers continues the thread by each of its three signs;
// a new mail, and a stranger with the thread's token, begin their own.
func TestThreads(t *testing.T) {
	s := open(t)
	for _, p := range []mail.Provider{mail.NewSendGrid(), mail.Mailgun{SigningKey: "key-1"}, mail.Postmark{Username: "hook", Password: "secret"}} {
		b := s.connect(t, p)
		t.Run(p.Name(), func(t *testing.T) { testThread(t, b) })
	}
}

func testThread(t *testing.T, b *mailbox) {
	first := b.letter("Ada <"+ada+">", "Wo ist mein Käse?")
	b.deliver(t, first)
	a := b.expect(t, ada, "You said: Wo ist mein Käse?")
	checkHead(t, b, first, a)
	for range 3 {
		b.deliver(t, first)
	}

	const one = "Wo ist mein Käse?"
	recall := func(change func(*mail.Letter), want string) {
		l := b.letter(ada, "[[recall]]")
		change(&l)
		b.deliver(t, l)
		b.expect(t, ada, want)
	}
	recall(func(l *mail.Letter) { l.To = a.replyTo }, one)
	recall(func(l *mail.Letter) { l.InReplyTo = a.messageID }, one+" | [[recall]]")
	recall(func(l *mail.Letter) { l.References = []string{first.ID, a.own} }, one+" | [[recall]] | [[recall]]")

	b.deliver(t, b.letter(ada, "Und meine Rechnung?"))
	second := b.expect(t, ada, "You said: Und meine Rechnung?")
	recall(func(l *mail.Letter) { l.To = second.replyTo }, "Und meine Rechnung?")

	stolen := b.letter(eve, "What did she write?")
	stolen.To, stolen.InReplyTo, stolen.References = a.replyTo, a.messageID, []string{first.ID, a.own}
	b.deliver(t, stolen)
	hers := b.expect(t, eve, "You said: What did she write?")
	again := b.letter(eve, "[[recall]]")
	again.To = hers.replyTo
	b.deliver(t, again)
	b.expect(t, eve, "What did she write?")
	recall(func(l *mail.Letter) { l.To = a.replyTo }, one+" | [[recall]] | [[recall]] | [[recall]]")
}

// checkHead checks the header of the answer to a mail.
func checkHead(t *testing.T, b *mailbox, to mail.Letter, a answer) {
	t.Helper()
	got := map[string]string{}
	for _, name := range []string{"Subject", "In-Reply-To", "Auto-Submitted", "X-Auto-Response-Suppress"} {
		got[name] = a.Get(name)
	}
	want := map[string]string{"Subject": "Re: My order", "In-Reply-To": "<" + to.ID + ">", "Auto-Submitted": "auto-replied", "X-Auto-Response-Suppress": "All"}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("header (-want +got):\n%s", d)
	}
	from, err := a.AddressList("From")
	if err != nil || len(from) != 1 || from[0].Name != "Käse & Söhne" || from[0].Address != b.address {
		t.Errorf("From: got %v, %v, want the connection's name and address", from, err)
	}
	if local, _, _ := strings.Cut(b.address, "@"); !strings.HasPrefix(a.replyTo, local+"+") {
		t.Errorf("Reply-To: got %s, want the connection's address with a token", a.replyTo)
	}
	if got, want := a.Get("References"), "<"+to.ID+"> <"+a.own+">"; got != want || !strings.HasSuffix(a.own, "@shop.example") {
		t.Errorf("References: got %s, want %s", got, want)
	}
}

// A mail with an image, such as a logo, is answered at once: the model sees its text and its name.
func TestAttachment(t *testing.T) {
	s := open(t)
	b := s.connect(t, mail.Postmark{Username: "hook", Password: "secret"})
	l := b.letter(ada, "")
	l.ContentType = `multipart/mixed; boundary="b"`
	l.Body = "--b\r\nContent-Type: text/plain\r\n\r\nSee below.\r\n" +
		"--b\r\nContent-Type: image/png; name=logo.png\r\nContent-Disposition: attachment; filename=logo.png\r\nContent-Transfer-Encoding: base64\r\n\r\niVBORw0KGgo=\r\n--b--\r\n"
	sent := time.Now()
	b.deliver(t, l)
	b.expect(t, ada, "You said: See below.")
	if took := time.Since(sent); took > 5*time.Second {
		t.Errorf("got an answer after %v, want it at once", took)
	}
}

// An altered request, and one of another connection, has no effect.
func TestWebhook_Unauthentic(t *testing.T) {
	s := open(t)
	grid, gun, post := mail.NewSendGrid(), mail.Mailgun{SigningKey: "key-1"}, mail.Postmark{Username: "hook", Password: "secret"}
	for _, c := range []struct{ right, wrong mail.Provider }{{grid, mail.NewSendGrid()}, {gun, mail.Mailgun{SigningKey: "key-2"}}, {post, mail.Postmark{Username: "hook", Password: "secrets"}}} {
		b := s.connect(t, c.right)
		b.post(t, c.wrong.Webhook(b.letter(ada, "hello")), http.StatusUnauthorized)
		unsigned := c.right.Webhook(b.letter(ada, "hello"))
		unsigned.Header = http.Header{"Content-Type": unsigned.Header["Content-Type"]}
		unsigned.Body = bytes.ReplaceAll(unsigned.Body, []byte(`name="signature"`), []byte(`name="other"`))
		b.post(t, unsigned, http.StatusUnauthorized)
	}
	b := s.connect(t, grid)
	altered := grid.Webhook(b.letter(ada, "hello"))
	altered.Body = bytes.Replace(altered.Body, []byte("hello"), []byte("Hello"), 1)
	b.post(t, altered, http.StatusUnauthorized)
	b.deliver(t, b.letter(eve, "only this"))
	b.expect(t, eve, "You said: only this")
	if got := len(s.threads(t)); got != 1 {
		t.Errorf("got %d threads, want 1", got)
	}
}

// The answer to an authentic request without a mail says what is missing.
func TestWebhook_Unreadable(t *testing.T) {
	s := open(t)
	post := mail.Postmark{Username: "hook", Password: "secret"}
	b := s.connect(t, post)
	w := post.Webhook(b.letter(ada, "hello"))
	for body, want := range map[string]string{
		`{"TextBody": "hello"}`: "The body is not in the provider's format: Postmark's JSON has none of From, MessageID and RawEmail",
		`hello`:                 "The body is not in the provider's format: it is not JSON",
	} {
		w.Body = []byte(body)
		status, got := b.call(t, http.MethodPost, b.hook, w.Header, w.Body)
		if status != http.StatusBadRequest || !strings.Contains(got, want) {
			t.Errorf("%s: got %d %s, want 400 and %q", body, status, got, want)
		}
	}
}

// A signature of Mailgun covers no mail, so it counts for one mail only: again for the same, and
// never for another.
func TestMailgun_Replay(t *testing.T) {
	s := open(t)
	gun := mail.Mailgun{SigningKey: "key-1"}
	b := s.connect(t, gun)
	first := b.letter(ada, "hello")
	b.post(t, gun.WithToken(first, "token-1"), http.StatusOK)
	b.expect(t, ada, "You said: hello")
	b.post(t, gun.WithToken(first, "token-1"), http.StatusOK)
	forged := b.letter(eve, "Give me everything")
	b.post(t, gun.WithToken(forged, "token-1"), http.StatusUnauthorized)
	b.post(t, gun.WithToken(b.letter(ada, "more"), "token-2"), http.StatusOK)
	b.expect(t, ada, "You said: more")
}
