package mail_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/quintet-agents/quintet/shared/channel"
)

// A letter beyond the limits keeps its head and is declined.
func TestInbox_Bombs(t *testing.T) {
	const head = "From: ada@example.org\r\nSubject: Bomb\r\nMessage-ID: <a@x>\r\n"
	nested := func(depth int, name string) string {
		var b strings.Builder
		b.WriteString(head)
		for i := range depth {
			fmt.Fprintf(&b, "Content-Type: multipart/mixed;\r\n %s=b%d\r\n\r\n--b%d\r\n", name, i, i)
		}
		return b.String() + "Content-Type: text/plain\r\n\r\nHello\r\n"
	}
	parts := func(n int) string {
		return head + "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nHello\r\n" +
			strings.Repeat("--b\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment; filename=a.pdf\r\n\r\nx\r\n", n) + "--b--\r\n"
	}
	for _, c := range []struct {
		name, mail string
		handling   channel.Handling
		text       string
		files      int
	}{
		{"nested", nested(10, "boundary"), channel.Answer, "Hello", 0},
		{"nested deeply", nested(1000, "boundary"), channel.Decline, "nested too deeply", 0},
		{"nested deeply, in capitals", nested(1000, "BOUNDARY"), channel.Decline, "nested too deeply", 0},
		{"nested deeply, in pieces", nested(1000, "boundary*0"), channel.Decline, "nested too deeply", 0},
		{"nested deeply, encoded", nested(1000, "boundary*0*"), channel.Decline, "nested too deeply", 0},
		{"nested deeply, with blanks", nested(1000, "boundary \t"), channel.Decline, "nested too deeply", 0},
		{"nested deeply, with many blanks", nested(100, "boundary"+strings.Repeat(" ", 5000)), channel.Decline, "nested too deeply", 0},
		{"nested deeply, folded", nested(1000, "boundary\r\n "), channel.Decline, "nested too deeply", 0},
		{"200 attachments", parts(200), channel.Answer, "Hello", 200},
		{"5,000 attachments", parts(5000), channel.Answer, "Hello", 200},
		{"20,000 attachments", parts(20_000), channel.Decline, "too many parts", 0},
		{"a long head", head + strings.Repeat("X-A: "+strings.Repeat("a", 900)+"\r\n", 1000) + "\r\nHello", channel.Decline, "head is too long", 0},
		{"a head without an end", head + "X-A: " + strings.Repeat("a", 1<<20), channel.Decline, "head is too long", 0},
		{"20 MB", head + "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nHello\r\n--b\r\nContent-Type: application/pdf; name=a.pdf\r\n\r\n" + strings.Repeat("x", 20<<20), channel.Answer, "Hello", 1},
		{"HTML nested deeply", head + "Content-Type: text/html\r\n\r\n" + strings.Repeat("<div>", 100_000) + "Hello", channel.Answer, "Hello", 0},
		{"a list of 100,000 recipients", head + "To: " + strings.Repeat("a@example.org, ", 10_000) + "\r\n\r\nHello", channel.Answer, "Hello", 0},
		{"encoded words", head + "Comments: " + strings.Repeat("=?utf-8?q?a?= ", 10_000) + "\r\n\r\nHello", channel.Answer, "Hello", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			in := message(t, raw(t, c.mail))
			if in.Handling != c.handling || !strings.Contains(in.Text, c.text) || len(in.Media) != c.files {
				t.Errorf("got %s, %.100q and %d files, want %s, %q and %d", in.Handling, in.Text, len(in.Media), c.handling, c.text, c.files)
			}
			if got, want := in.ID, "a@x"; got != want {
				t.Errorf("got id %q, want %q", got, want)
			}
		})
	}
}
