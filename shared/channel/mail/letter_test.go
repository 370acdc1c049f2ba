package mail_test

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/quintet-agents/quintet/shared/channel"
)

func TestInbox_MessageIDs(t *testing.T) {
	for _, c := range []struct {
		name, head string
		want       channel.Mail
	}{
		{"several, by blanks", "In-Reply-To: <a@x> <b@x>", channel.Mail{InReplyTo: []string{"a@x", "b@x"}}},
		{"by commas and by nothing", "In-Reply-To: <a@x>,<b@x><C@x>", channel.Mail{InReplyTo: []string{"a@x", "b@x", "C@x"}}},
		{"without brackets", "In-Reply-To: a@x, b@x", channel.Mail{InReplyTo: []string{"a@x", "b@x"}}},
		{"among words", `In-Reply-To: Your message of "Mon, 30 Nov" <a@x>`, channel.Mail{InReplyTo: []string{"a@x"}}},
		{"words only", "In-Reply-To: your message", channel.Mail{}},
		{"folded", "References: <a@x>\r\n\t<b@x>\r\n <c\r\n @x>", channel.Mail{References: []string{"a@x", "b@x", "c@x"}}},
		{"doubled", "References: <a@x> <a@x>", channel.Mail{References: []string{"a@x"}}},
		{"two fields", "References: <a@x>\r\nReferences: <b@x>", channel.Mail{References: []string{"a@x", "b@x"}}},
		{"own id without brackets", "Message-ID: a@x", channel.Mail{MessageID: "a@x"}},
		{"own id without an at sign", "Message-Id: <abc>", channel.Mail{MessageID: "abc"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.want.ReplyTo = "ada@example.org"
			in := message(t, raw(t, "From: ada@example.org\r\n"+c.head+"\r\n\r\nHello"))
			if diff := cmp.Diff(c.want, *in.Mail); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
	t.Run("many", func(t *testing.T) {
		var ids []string
		for i := range 500 {
			ids = append(ids, fmt.Sprintf("<%d@x>", i))
		}
		got := message(t, raw(t, "From: ada@example.org\r\nReferences: "+strings.Join(ids, "\r\n ")+"\r\n\r\nHello")).Mail.References
		if len(got) != 100 || got[0] != "0@x" || got[1] != "401@x" || got[99] != "499@x" {
			t.Errorf("got %d ids: %v, want the first and the last 99", len(got), got)
		}
	})
}

// A mail without an id has the hash of what it says, and so has a repetition.
func TestInbox_MessageIDs_Missing(t *testing.T) {
	const text = "From: ada@example.org\r\nDate: Mon, 30 Nov 2026 10:00:00 +0000\r\n\r\nHello"
	id := func(text string) string { return message(t, raw(t, text)).ID }
	first := id(text)
	if !strings.HasPrefix(first, "sha256-") || first != id(text) {
		t.Errorf("got %q and %q, want the same hash", first, id(text))
	}
	for name, other := range map[string]string{
		"another text":  text + "!",
		"another date":  strings.Replace(text, "10:00:00", "10:00:01", 1),
		"another man":   strings.Replace(text, "ada", "bob", 1),
		"an id":         "Message-ID: <a@x>\r\n" + text,
		"a very long":   "Message-ID: <" + strings.Repeat("a", 300) + "@x>\r\n" + text,
		"a longer one":  "Message-ID: <" + strings.Repeat("a", 301) + "@x>\r\n" + text,
		"an endless id": "Message-ID: <" + strings.Repeat("a", 5000) + "@x>\r\nSubject: x\r\n" + text,
	} {
		if got := id(other); got == first || len(got) > 255 {
			t.Errorf("%s: got %q, want another id of at most 255 bytes", name, got)
		}
	}
}

func TestInbox_People(t *testing.T) {
	for _, c := range []struct {
		name, head string
		want       channel.Person
		replyTo    string
	}{
		{"From", "From: Ada <Ada@Example.org>", channel.Person{Address: "ada@example.org", Name: "Ada"}, "Ada@Example.org"},
		{"encoded", "From: =?iso-8859-1?q?J=F6rg?= <j@x.org>", channel.Person{Address: "j@x.org", Name: "Jörg"}, "j@x.org"},
		{"raw 8 bit", "From: J\xf6rg <j@x.org>", channel.Person{Address: "j@x.org", Name: "Jörg"}, "j@x.org"},
		{"unquoted", "From: Ada [Sales], Ltd. <a@x.org>", channel.Person{Address: "a@x.org", Name: "Ada [Sales], Ltd."}, "a@x.org"},
		{"bare", "From: a@x.org", channel.Person{Address: "a@x.org"}, "a@x.org"},
		{"its own name", "From: a@x.org <a@x.org>", channel.Person{Address: "a@x.org"}, "a@x.org"},
		{"Reply-To", "From: Form <form@shop.org>\r\nReply-To: Ada <Ada@x.org>", channel.Person{Address: "ada@x.org", Name: "Ada"}, "Ada@x.org"},
		{"the same Reply-To", "From: Ada <a@x.org>\r\nReply-To: a@x.org", channel.Person{Address: "a@x.org", Name: "Ada"}, "a@x.org"},
		{"a broken Reply-To", "From: Ada <a@x.org>\r\nReply-To: nobody", channel.Person{Address: "a@x.org", Name: "Ada"}, "a@x.org"},
		{"Sender", "From: undisclosed\r\nSender: a@x.org", channel.Person{Address: "a@x.org"}, "a@x.org"},
		{"control characters", "From: =?utf-8?q?A=00=0D=0Ada?= <a@x.org>", channel.Person{Address: "a@x.org", Name: "A   da"}, "a@x.org"},
	} {
		t.Run(c.name, func(t *testing.T) {
			in := message(t, raw(t, c.head+"\r\n\r\nHello"))
			if diff := cmp.Diff(c.want, in.From); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if got, want := in.Mail.ReplyTo, c.replyTo; got != want {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
	t.Run("nobody", func(t *testing.T) {
		got := raw(t, "Subject: Hello\r\n\r\nHello")
		if diff := cmp.Diff(channel.Update{Account: "support@example.com", Ignored: "a mail without a sender"}, got); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
	})
}

func TestInbox_Recipients(t *testing.T) {
	for _, c := range []struct{ name, envelope, head, account, token string }{
		{"the address", "support@example.com", "", "support@example.com", ""},
		{"a token", "Support+ToKen@Example.com", "", "support@example.com", "ToKen"},
		{"another address of the domain", "sales+x@example.com", "To: sales@example.com", "sales@example.com", ""},
		{"forwarded", "abc@in.example.net", "To: support+tok@example.com", "support@example.com", "tok"},
		{"in Delivered-To", "abc@in.example.net", "Delivered-To: support+tok@example.com", "support@example.com", "tok"},
		{"a blind copy", "support@example.com", "To: bob@example.org", "support@example.com", ""},
		{"a token of somebody else", "support@example.com", "Cc: bob+tok@example.org", "support@example.com", ""},
		{"one of several", "", "To: bob@example.org, Support <support+tok@example.com>", "support@example.com", "tok"},
		{"none", "", "", "support@example.com", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			fields := map[string]string{"email": strings.TrimSpace("From: ada@example.org\r\n"+c.head) + "\r\n\r\nHello"}
			if c.envelope != "" {
				fields["envelope"] = fmt.Sprintf(`{"to":[%q],"from":"ada@example.org"}`, c.envelope)
			}
			u := sendGrid(t, fields)
			if got, want := u.Account, c.account; got != want {
				t.Errorf("got %q, want %q", got, want)
			}
			if got, want := message(t, u).Mail.Token, c.token; got != want {
				t.Errorf("got token %q, want %q", got, want)
			}
		})
	}
}

func TestInbox_CharacterSets(t *testing.T) {
	head := func(kind string) string { return "From: ada@example.org\r\nContent-Type: " + kind + "\r\n\r\n" }
	for _, c := range []struct{ name, mail, want string }{
		{"UTF-8", head("text/plain; charset=utf-8") + "grüße", "grüße"},
		{"Latin-1", head("text/plain; charset=iso-8859-1") + "gr\xfc\xdfe", "grüße"},
		{"Windows-1252", head("text/plain; charset=windows-1252") + "5 \x80", "5 €"},
		{"KOI8-R", head("text/plain; charset=koi8-r") + "\xf0\xd2\xc9\xd7\xc5\xd4", "Привет"},
		{"Shift_JIS", head("text/plain; charset=Shift_JIS") + "\x82\xcd\x82\xa2", "はい"},
		{"ISO-2022-JP", head("text/plain; charset=iso-2022-jp") + "\x1b$B$O$$\x1b(B", "はい"},
		{"GB2312", head("text/plain; charset=gb2312") + "\xba\xc3\xb5\xc4", "好的"},
		{"UTF-7", head("text/plain; charset=utf-7") + "gr+APwA3w-e", "grüße"},
		{"UTF-8 that is Latin-1", head("text/plain; charset=utf-8") + "gr\xfc\xdfe", "grüße"},
		{"ASCII that is UTF-8", head("text/plain; charset=us-ascii") + "grüße", "grüße"},
		{"none", head("text/plain") + "grüße", "grüße"},
		{"none that is Latin-1", head("text/plain") + "gr\xfc\xdfe", "grüße"},
		{"an unknown one", head("text/plain; charset=klingon") + "grüße", "grüße"},
		{"a doubled word", head(`text/plain; charset="charset=utf-8"`) + "grüße", "grüße"},
		{"base64", "From: a@x.org\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\nZ3LDvMOfZQ==", "grüße"},
		{"broken base64", "From: a@x.org\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\nZ3LDvM*OfZQ", "grüße"},
		{"no MIME at all", "From: a@x.org\n\nHello\n", "Hello"},
		{"a broken type", head("text/plain>") + "Hello", "Hello"},
		{"NUL", head("text/plain") + "a\x00b", "ab"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := message(t, raw(t, c.mail)).Text; got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// SendGrid names a character set for each field of a parsed mail.
func TestInbox_SendGrid_CharacterSets(t *testing.T) {
	for _, c := range []struct{ name, charsets, text, want string }{
		{"named", `{"text":"iso-8859-1"}`, "gr\xfc\xdfe", "grüße"},
		{"Windows-1251", `{"text":"windows-1251"}`, "\xcf\xf0\xe8\xe2\xe5\xf2", "Привет"},
		{"wrongly named", `{"text":"UTF-8"}`, "gr\xfc\xdfe", "grüße"},
		{"unknown", `{"text":"x-klingon"}`, "grüße", "grüße"},
		{"none", `{}`, "grüße", "grüße"},
		{"no JSON", `x`, "grüße", "grüße"},
	} {
		t.Run(c.name, func(t *testing.T) {
			u := sendGrid(t, map[string]string{"headers": "From: a@x.org\n", "from": "a@x.org", "text": c.text, "charsets": c.charsets})
			if got := message(t, u).Text; got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestInbox_Handling(t *testing.T) {
	for _, c := range []struct {
		name, mail string
		handling   channel.Handling
		text       string
	}{
		{"a text", "From: a@x.org\r\nSubject: S\r\n\r\nHello", channel.Answer, "Hello"},
		{"a subject only", "From: a@x.org\r\nSubject: When do you open?\r\n\r\n", channel.Answer, "When do you open?"},
		{"nothing", "From: a@x.org\r\n\r\n", channel.Decline, "A mail without a text"},
		{"a file only", "From: a@x.org\r\nContent-Type: image/png\r\n\r\nx", channel.Decline, "A mail without a text and 1 attachments"},
		{"a long text", "From: a@x.org\r\n\r\n" + strings.Repeat("wörter ", 50_000), channel.Answer, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			in := message(t, raw(t, c.mail))
			if in.Handling != c.handling || c.text != "" && in.Text != c.text || len(in.Text) > 100_000 || !utf8.ValidString(in.Text) {
				t.Errorf("got %s and %d bytes %.100q, want %s and %q", in.Handling, len(in.Text), in.Text, c.handling, c.text)
			}
		})
	}
}
