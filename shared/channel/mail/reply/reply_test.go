package reply_test

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"net/mail"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/quintet-agents/quintet/shared/channel"
	"github.com/quintet-agents/quintet/shared/channel/mail/reply"
)

var update = flag.Bool("update", false, "write the golden files")

var (
	key    = []byte("KEYOFTHECONNECTION")
	thread = uuid.MustParse("0193a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b")
	ref    = "0193a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b/0193a1b2-0000-7000-8000-000000000001/0"
	at     = time.Date(2026, 11, 30, 9, 5, 0, 0, time.UTC)
)

func letter() reply.Letter {
	return reply.Letter{
		Name: "Shop", Address: "support@shop.example", To: channel.Person{Address: "ann@home.example", Name: "Ann"},
		Head: channel.MailHead{Subject: "My order", InReplyTo: "a1@home.example", References: []string{"a0@home.example"}, Token: reply.Token(key, thread)},
		Text: "Hello Ann,\n\nit is on its way: https://shop.example/track?a=1&b=2.\nBye", Ref: ref, Key: key, At: at,
	}
}

// The golden files are whole mails, byte for byte.
func TestBuild_Golden(t *testing.T) {
	for name, change := range map[string]func(*reply.Letter){
		"plain": func(*reply.Letter) {},
		"international": func(l *reply.Letter) {
			l.Name, l.To = "Käse & Söhne", channel.Person{Address: "ann@例え.jp", Name: "アン"}
			l.Head.Subject = "AW: Re: ご注文の確認について、発送日と追跡番号を教えてください"
			l.Text = "こんにちは。\n\n発送しました 📦"
		},
		"human": func(l *reply.Letter) { l.Human, l.Text = true, "I look into it. <b>Jo</b>" },
		"markdown": func(l *reply.Letter) {
			l.Text = "It is **here**:\n\n- [track](https://shop.example/t?a=1&b=2)\n- <b>call</b>"
		},
		"first": func(l *reply.Letter) {
			l.Head = channel.MailHead{}
			l.Name, l.Address = `The "Shop" =?utf-8?Q?x?=`, "a-quite-long-local-part-of-an-address@shop.example"
		},
	} {
		t.Run(name, func(t *testing.T) {
			l := letter()
			change(&l)
			got, err := reply.Build(l)
			if err != nil {
				t.Fatal(err)
			}
			file := filepath.Join("testdata", name+".eml")
			if *update {
				if err := os.WriteFile(file, got.Raw, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(string(want), string(got.Raw)); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

// What cannot be sent is refused with the kind that says whose fault it is.
func TestBuild_Refusals(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*reply.Letter)
		want   channel.Kind
	}{
		"no recipient":              {func(l *reply.Letter) { l.To.Address = "" }, channel.Undeliverable},
		"header in the recipient":   {func(l *reply.Letter) { l.To.Address = "ann@home.example\r\nBcc: eve@evil.example" }, channel.Undeliverable},
		"two recipients":            {func(l *reply.Letter) { l.To.Address = "ann@home.example, eve@evil.example" }, channel.Undeliverable},
		"local part outside ASCII":  {func(l *reply.Letter) { l.To.Address = "änn@home.example" }, channel.Undeliverable},
		"domain that is none":       {func(l *reply.Letter) { l.To.Address = "ann@xn--ü.example" }, channel.Undeliverable},
		"local part that is long":   {func(l *reply.Letter) { l.To.Address = strings.Repeat("a", 65) + "@home.example" }, channel.Undeliverable},
		"sender outside ASCII":      {func(l *reply.Letter) { l.Address = "büro@shop.example" }, channel.Rejected},
		"no text":                   {func(l *reply.Letter) { l.Text = " \r\n\x00" }, channel.Rejected},
		"id with a header":          {func(l *reply.Letter) { l.Ref = "a\r\nBcc: eve@evil.example" }, channel.Rejected},
		"id with a dot":             {func(l *reply.Letter) { l.Ref = "a.b" }, channel.Rejected},
		"id of more than 128 bytes": {func(l *reply.Letter) { l.Ref = strings.Repeat("a", 129) }, channel.Rejected},
	} {
		t.Run(name, func(t *testing.T) {
			l := letter()
			c.change(&l)
			got, err := reply.Build(l)
			f, ok := errors.AsType[*channel.SendError](err)
			if !ok || f.Kind != c.want || f.Message == "" || got.Raw != nil {
				t.Errorf("got %q, %v; want %s", got.Raw, err, c.want)
			}
		})
	}
}

func parse(t *testing.T, l reply.Letter) mail.Header {
	t.Helper()
	built, err := reply.Build(l)
	if err != nil {
		t.Fatal(err)
	}
	m, err := mail.ReadMessage(bytes.NewReader(built.Raw))
	if err != nil {
		t.Fatal(err)
	}
	return m.Header
}

// A subject has one prefix, whatever the person's mail program made of it.
func TestBuild_Subject(t *testing.T) {
	for subject, want := range map[string]string{
		"My order": "Re: My order", "Re: My order": "Re: My order", "RE:RE: AW: My order": "Re: My order", "Re[2]: My order": "Re: My order",
		"": "Re:", "Re:": "Re:", "Reorder: yes": "Re: Reorder: yes", "a\r\nBcc: eve@evil.example": "Re: a Bcc: eve@evil.example",
	} {
		l := letter()
		l.Head.Subject = subject
		if got := parse(t, l).Get("Subject"); got != want {
			t.Errorf("%q: got %q, want %q", subject, got, want)
		}
	}
	l := letter()
	l.Head = channel.MailHead{Subject: "Re: My order"}
	if got := parse(t, l).Get("Subject"); got != "Re: My order" {
		t.Errorf("without a parent: got %q, want it unchanged", got)
	}
	l.Head.Subject = ""
	if got := parse(t, l).Get("Subject"); got != "Shop" {
		t.Errorf("got %q, want the sender's name", got)
	}
}

// References name the conversation's first mail, its latest, and the mail itself. Ids that are
// none, and those named twice, are left out.
func TestBuild_References(t *testing.T) {
	l := letter()
	own := reply.ID(key, ref, "shop.example")
	l.Head.InReplyTo = "40@x"
	l.Head.References = []string{"0@x", "a b@x", "c>\r\nBcc: eve@evil.example", "", strings.Repeat("d", 401)}
	for i := range 40 {
		l.Head.References = append(l.Head.References, fmt.Sprintf("%d@x", i+1))
	}
	want := "<0@x>"
	for i := 23; i <= 40; i++ {
		want += fmt.Sprintf(" <%d@x>", i)
	}
	want += " <" + own + ">"
	h := parse(t, l)
	if got := h.Get("References"); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if got := h.Get("In-Reply-To"); got != "<40@x>" {
		t.Errorf("got %s, want <40@x>", got)
	}
	l.Head = channel.MailHead{InReplyTo: "a@b>\r\nBcc: eve@evil.example"}
	if h := parse(t, l); h.Get("In-Reply-To") != "" || h.Get("Bcc") != "" || h.Get("References") != "<"+own+">" {
		t.Errorf("got %v, want no In-Reply-To", h)
	}
}

// The token is in the plus part of Reply-To where the address has room for it. The mail's own id
// leads back to the send.
func TestBuild_WayBack(t *testing.T) {
	for address, want := range map[string]string{
		"support@shop.example":                  "support+" + reply.Token(key, thread) + "@shop.example",
		"support+eu@shop.example":               "support+eu+" + reply.Token(key, thread) + "@shop.example",
		strings.Repeat("a", 23) + "@s.example":  strings.Repeat("a", 23) + "+" + reply.Token(key, thread) + "@s.example",
		strings.Repeat("a", 24) + "@s.example":  "",
		`"a b"@shop.example`:                    "",
		"a@" + strings.Repeat("b.", 115) + "de": "",
	} {
		l := letter()
		l.Address = address
		got := ""
		if list, err := parse(t, l).AddressList("Reply-To"); err == nil {
			got = list[0].Address
		}
		if got != want {
			t.Errorf("%s: got %q, want %q", address, got, want)
		}
	}
	id := strings.Trim(parse(t, letter()).Get("Message-ID"), "<>")
	if got, ok := reply.ReadID(key, id); got != ref || !ok {
		t.Errorf("got %q, %v, want %q", got, ok, ref)
	}
}

// A URL is a link without the punctuation around it. What is no web address stays text.
func TestBuild_Links(t *testing.T) {
	for text, want := range map[string]string{
		"see https://a.example/x.":        `see <a href=3D"https://a.example/x">https://a.example/x</a>.`,
		"(http://a.example/y)":            `(<a href=3D"http://a.example/y">http://a.example/y</a>)`,
		"http://a.example/(y)":            `<a href=3D"http://a.example/(y)">http://a.example/(y)</a>`,
		"[a](http://a.example/)":          `[a](<a href=3D"http://a.example/">http://a.example/</a>)`,
		"https://... javascript:alert(1)": "https://... javascript:alert(1)",
		`http://a/"><i>`:                  `<a href=3D"http://a/">http://a/</a>&#34;&gt;&lt;i&gt;`,
		"http://a.example/?" + "a=b&c=d":  `<a href=3D"http://a.example/?a=3Db&amp;c=3Dd">http://a.example/?a=3Db&amp;c=3Dd</a>`,
	} {
		l := letter()
		l.Human = true
		l.Text = text
		built, err := reply.Build(l)
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.ReplaceAll(string(built.Raw), "=\r\n", ""); !strings.Contains(got, `<p dir=3D"auto">`+want+"</p>") {
			t.Errorf("%s: got %s\nwant %s", text, got, want)
		}
	}
}
