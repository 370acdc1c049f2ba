package reply_test

import (
	"bytes"
	"net/mail"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/jhillyerd/enmime/v2"
	"golang.org/x/net/html"
	"pgregory.net/rapid"

	"github.com/quintet-agents/quintet/shared/channel"
	"github.com/quintet-agents/quintet/shared/channel/mail/reply"
)

// hostile draws texts that are hard to write into a mail.
func hostile() *rapid.Generator[string] {
	piece := rapid.OneOf(
		rapid.String(),
		rapid.StringMatching(`[ -~]{0,90}`),
		rapid.SampledFrom([]string{
			"\r\n", "\n", "\r", "\x00", "\t", "\u2028", "\u00a0", "\xff", "😀", "é", "=?utf-8?Q?=41?=", "=?", "?=", "\r\nBcc: eve@evil.example\r\n\r\n",
			"--=_", ".", "<b>", "&amp;", `"`, `\`, "javascript:alert(1)", "https://a.example/?q=\"onmouseover=alert(1)", "http://x.example/(a).", " ", "Re: ",
			strings.Repeat("x", 80),
		}),
	)
	return rapid.Map(rapid.SliceOfN(piece, 0, 6), func(all []string) string { return strings.Join(all, "") })
}

// fields are the headers that a mail may have, in their order.
var fields = []string{
	"From", "To", "Reply-To", "Subject", "Date", "Message-Id", "In-Reply-To", "References", "Auto-Submitted",
	"X-Auto-Response-Suppress", "X-Quintet-Send-Id", "Mime-Version", "Content-Type",
}

// oneLine is a header's text as a person reads it: white space is single blanks.
func oneLine(s string) string {
	return strings.Join(strings.FieldsFunc(strings.ToValidUTF8(s, "\uFFFD"), func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }), " ")
}

// paragraph is a text without control characters and with the same line ends, as both
// alternatives have it.
func paragraph(s string) string {
	s = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(strings.ToValidUTF8(s, "\uFFFD"))
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			return -1
		}
		return r
	}, s)
	return strings.Trim(s, "\n")
}

// Whatever a letter says, both parsers of mail find exactly its facts in what Build makes of it,
// and nothing else: no further header, recipient or part, and no element of HTML but ours.
func TestBuild_ParsedAgain(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := letter()
		l.Human = true // the pages of agents are those of package markdown
		l.Name, l.To.Name = hostile().Draw(t, "name"), hostile().Draw(t, "to")
		l.Head.Subject, l.Text = hostile().Draw(t, "subject"), hostile().Draw(t, "text")
		l.Head.InReplyTo, l.Head.Token = hostile().Draw(t, "parent"), hostile().Draw(t, "token")
		l.Head.References = rapid.SliceOfN(hostile(), 0, 3).Draw(t, "references")
		built, err := reply.Build(l)
		if strings.TrimSpace(paragraph(l.Text)) == "" {
			if err == nil {
				t.Fatal("got no error for a letter without text")
			}
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		checkLines(t, built.Raw)
		checkHead(t, l, built)
		checkParts(t, l, built.Raw)
	})
}

// parser believes the declared character set, which it otherwise compares with a guess.
var parser = enmime.NewParser(enmime.DisableCharacterDetection(true))

func checkLines(t *rapid.T, raw []byte) {
	for text := range bytes.SplitSeq(bytes.TrimSuffix(raw, []byte("\r\n")), []byte("\r\n")) {
		if len(text) > 998 || slices.ContainsFunc(text, func(c byte) bool { return c > '~' || c < ' ' && c != '\t' }) {
			t.Fatalf("got the line %q, want at most 998 visible characters", text)
		}
	}
}

func checkHead(t *rapid.T, l reply.Letter, built reply.Built) {
	m, err := mail.ReadMessage(bytes.NewReader(built.Raw))
	if err != nil {
		t.Fatal(err)
	}
	for name, values := range m.Header {
		if !slices.Contains(fields, name) || len(values) != 1 {
			t.Fatalf("got the header %s: %q", name, values)
		}
	}
	for field, want := range map[string]mail.Address{"From": {Name: l.Name, Address: l.Address}, "To": {Name: l.To.Name, Address: l.To.Address}} {
		got, err := m.Header.AddressList(field)
		if err != nil || len(got) != 1 || got[0].Address != want.Address {
			t.Fatalf("%s: got %v, %v, want %s", field, got, err, want.Address)
		}
		if name := oneLine(want.Name); len(name) <= 200 && got[0].Name != name {
			t.Fatalf("%s: got the name %q, want %q", field, got[0].Name, name)
		}
	}
	env, err := parser.ReadEnvelope(bytes.NewReader(built.Raw))
	if err != nil {
		t.Fatal(err)
	}
	subject := oneLine(l.Head.Subject)
	if got := env.GetHeader("Subject"); len(subject) <= 400 && subject != "" && !strings.HasSuffix(got, subject) && !strings.HasPrefix(got, "Re:") {
		t.Fatalf("got the subject %q, want %q", got, subject)
	}
	if got := strings.Fields(m.Header.Get("References")); got[len(got)-1] != "<"+built.ID+">" {
		t.Fatalf("got the references %q, want %s at their end", got, built.ID)
	}
}

func checkParts(t *rapid.T, l reply.Letter, raw []byte) {
	env, err := parser.ReadEnvelope(bytes.NewReader(raw))
	if err != nil || len(env.Errors) > 0 || len(env.Attachments)+len(env.Inlines)+len(env.OtherParts) > 0 {
		t.Fatalf("got %v, %v, and %d further parts", err, env.Errors, len(env.Attachments)+len(env.Inlines)+len(env.OtherParts))
	}
	want := paragraph(l.Text)
	if got := strings.ReplaceAll(env.Text, "\r\n", "\n"); got != want {
		t.Fatalf("text: got %q, want %q", got, want)
	}
	shown, elements := read(t, env.HTML)
	if got, want := strings.Fields(shown), strings.Fields(want); !slices.Equal(got, want) {
		t.Fatalf("HTML: got %q, want %q", got, want)
	}
	for _, e := range elements {
		if !slices.Contains([]string{"html", "head", "body", "p dir=auto", "br"}, e) && !strings.HasPrefix(e, "a href=http://") && !strings.HasPrefix(e, "a href=https://") {
			t.Fatalf("HTML: got the element %q", e)
		}
	}
}

// read returns the text of an HTML document, and its elements with their attributes.
func read(t *rapid.T, text string) (shown string, elements []string) {
	root, err := html.Parse(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	for n := range root.Descendants() {
		switch n.Type {
		case html.TextNode:
			shown += n.Data
		case html.ElementNode:
			e := n.Data
			for _, a := range n.Attr {
				e += " " + a.Key + "=" + a.Val
			}
			elements = append(elements, e)
		case html.CommentNode, html.RawNode:
			t.Fatalf("got %q", n.Data)
		}
	}
	return shown, elements
}

// Nothing that a person sends can add a header or a line that SES would refuse.
func FuzzBuild(f *testing.F) {
	f.Add("Ann", "ann@home.example", "Re: x", "a@b", "text https://x.example/.")
	f.Add("\"", "a\r\n@b", "=?utf-8?Q?=41?=\r\nBcc: x@y", ">\r\n", "\r\n.\r\n--=_")
	f.Fuzz(func(t *testing.T, name, address, subject, parent, text string) {
		l := letter()
		l.To = channel.Person{Address: address, Name: name}
		l.Head = channel.MailHead{Subject: subject, InReplyTo: parent, References: []string{parent, subject}}
		l.Text = text
		built, err := reply.Build(l)
		if err != nil {
			return
		}
		m, err := mail.ReadMessage(bytes.NewReader(built.Raw))
		if err != nil {
			t.Fatal(err)
		}
		for field, values := range m.Header {
			if !slices.Contains(fields, field) || len(values) != 1 {
				t.Errorf("got the header %s: %q", field, values)
			}
		}
		for line := range bytes.SplitSeq(built.Raw, []byte("\r\n")) {
			if len(line) > 998 || bytes.ContainsAny(line, "\r\n\x00") {
				t.Errorf("got the line %q", line)
			}
		}
		if to, err := m.Header.AddressList("To"); err != nil || len(to) != 1 {
			t.Errorf("got the recipients %v, %v, want one", to, err)
		}
	})
}
