package ses_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"golang.org/x/net/dns/dnsmessage"

	"github.com/quintet-agents/quintet/shared/channel"
	"github.com/quintet-agents/quintet/shared/channel/ses"
	"github.com/quintet-agents/quintet/shared/connection"
	fake "github.com/quintet-agents/quintet/tests/ses"
)

// zone has the MX records of domains, each with its preference. A domain that is not in it does
// not exist.
type zone map[string]map[string]uint16

// resolver returns a resolver that asks a DNS server with a zone.
func (z zone) resolver(t *testing.T) *net.Resolver {
	t.Helper()
	server, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Close() })
	go func() {
		buffer := make([]byte, 1500)
		for {
			n, from, err := server.ReadFrom(buffer)
			if err != nil {
				return
			}
			var q dnsmessage.Message
			if q.Unpack(buffer[:n]) == nil && len(q.Questions) == 1 {
				if packed, err := z.answer(q); err == nil {
					_, _ = server.WriteTo(packed, from)
				}
			}
		}
	}()
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "udp", server.LocalAddr().String())
	}}
}

// servfail is a domain whose name servers do not work.
const servfail = "broken.example."

func (z zone) answer(q dnsmessage.Message) ([]byte, error) {
	name := q.Questions[0].Name
	servers, ok := z[name.String()]
	a := dnsmessage.Message{Header: dnsmessage.Header{ID: q.ID, Response: true, RecursionDesired: true, RecursionAvailable: true}, Questions: q.Questions}
	switch {
	case name.String() == servfail:
		a.RCode = dnsmessage.RCodeServerFailure
	case !ok:
		a.RCode = dnsmessage.RCodeNameError
	}
	for host, preference := range servers {
		a.Answers = append(a.Answers, dnsmessage.Resource{
			Header: dnsmessage.ResourceHeader{Name: name, Type: dnsmessage.TypeMX, Class: dnsmessage.ClassINET, TTL: 60},
			Body:   &dnsmessage.MXResource{Pref: preference, MX: dnsmessage.MustNewName(host)},
		})
	}
	return a.Pack()
}

// of returns an account of a provider with an address.
func of(p connection.Provider, address string) channel.Account {
	a := account()
	a.Identifiers = map[string]string{"address": address, connection.ProviderField: string(p), "topic_arn": "arn:aws:sns:eu-west-1:123456789012:mail"}
	if p == connection.SendGrid {
		a.Secrets["signing_key"] = sendGridKey
	}
	return a
}

// sendGridKey is a public key in the form in which SendGrid shows it.
const sendGridKey = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEEWW4uI/L/dKgs9uMGwgpRbNHCiarh/nL/8A+tiZ9d4dpY+SbLf2eJ00wxtfbiBhVHJLldyqa+0FabYfMka9XbA=="

// Mail must reach the provider's servers first. The problem names what to set.
func TestVerify_MX(t *testing.T) {
	z := zone{
		"sendgrid.example.": {"MX.sendgrid.net.": 10}, "mailgun.example.": {"mxa.mailgun.org.": 10, "mxb.mailgun.org.": 10}, "eu.mailgun.example.": {"mxb.eu.mailgun.org.": 1},
		"postmark.example.": {"inbound.postmarkapp.com.": 10}, "ses.example.": {"inbound-smtp.eu-west-1.amazonaws.com.": 10}, "elsewhere.example.": {"aspmx.l.google.com.": 1},
		"first.example.": {"mxa.mailgun.org.": 1, "mail.old.example.": 20}, "second.example.": {"mxa.mailgun.org.": 20, "mail.old.example.": 1}, "mixed.example.": {"mxa.mailgun.org.": 10, "mail.old.example.": 10},
		"none.example.": {}, "null.example.": {".": 0}, "xn--r8jz45g.jp.": {"mx.sendgrid.net.": 10},
	}
	for name, c := range map[string]struct {
		provider connection.Provider
		domain   string
		code     string
		action   string
	}{
		"SendGrid":                    {connection.SendGrid, "sendgrid.example", "", ""},
		"an internationalized domain": {connection.SendGrid, "例え.jp", "", ""},
		"Mailgun":                     {connection.Mailgun, "mailgun.example", "", ""},
		"Mailgun in the EU":           {connection.Mailgun, "eu.mailgun.example", "", ""},
		"Postmark":                    {connection.Postmark, "postmark.example", "", ""},
		"Postmark by forwarding":      {connection.Postmark, "elsewhere.example", "", ""},
		"SES":                         {connection.SES, "ses.example", "", ""},
		"others behind it":            {connection.Mailgun, "first.example", "", ""},
		"others before it":            {connection.Mailgun, "second.example", "WrongMX", "In the DNS of second.example, set the MX record to mxa.mailgun.org, and remove others."},
		"others beside it":            {connection.Mailgun, "mixed.example", "WrongMX", "In the DNS of mixed.example, set the MX record to mxa.mailgun.org, and remove others."},
		"another provider":            {connection.SES, "mailgun.example", "WrongMX", "In the DNS of mailgun.example, set the MX record to inbound-smtp.eu-west-1.amazonaws.com, and remove others."},
		"no record":                   {connection.SendGrid, "none.example", "NoMX", "In the DNS of none.example, set the MX record to mx.sendgrid.net, and remove others."},
		"no domain":                   {connection.Postmark, "nowhere.example", "NoMX", "In the DNS of nowhere.example, set the MX record to your mail server, which forwards to Postmark, or to inbound.postmarkapp.com."},
		"a domain that takes none":    {connection.Mailgun, "null.example", "NoMX", "In the DNS of null.example, set the MX record to mxa.mailgun.org, and remove others."},
	} {
		t.Run(name, func(t *testing.T) {
			a := of(c.provider, "a@"+c.domain)
			ascii := c.domain
			if ascii == "例え.jp" {
				ascii = "xn--r8jz45g.jp"
			}
			s := fake.Start(t, "us-east-1", identity(ascii, true, org))
			got, err := ses.New(config(s.URL, "us-east-1"), z.resolver(t), func() time.Time { return at }).Verify(t.Context(), a, "https://x")
			if err != nil {
				t.Fatal(err)
			}
			var want []connection.Problem
			if c.code != "" {
				want = []connection.Problem{{Code: c.code, Action: c.action, Since: at}}
			}
			if d := cmp.Diff(want, got, cmpopts.IgnoreFields(connection.Problem{}, "Message")); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
			if len(got) > 0 && !got[0].Passes() {
				t.Errorf("got the problem %+v, which stops the connection; want answers to be sent all the same", got[0])
			}
			if len(got) > 0 && !strings.Contains(got[0].Message, c.domain) {
				t.Errorf("got the message %q, want the domain in it", got[0].Message)
			}
		})
	}
	s := fake.Start(t, "us-east-1", identity("broken.example", true, org))
	c := ses.New(config(s.URL, "us-east-1"), z.resolver(t), func() time.Time { return at })
	if got, err := c.Verify(t.Context(), of(connection.Mailgun, "a@broken.example"), ""); err == nil {
		t.Errorf("a DNS that fails: got %v, want an error", got)
	}
}

// A key that can verify no signature is named, because nothing else shows why mail does not arrive.
func TestVerify_SigningKey(t *testing.T) {
	for name, c := range map[string]struct {
		provider connection.Provider
		key      string
		problem  bool
	}{
		"SendGrid's public key": {connection.SendGrid, sendGridKey, false},
		"an API key":            {connection.SendGrid, "SG.abc.def", true},
		"Mailgun's secret":      {connection.Mailgun, "key-1", false},
	} {
		t.Run(name, func(t *testing.T) {
			s := fake.Start(t, "us-east-1", shop())
			z := zone{"shop.example.": {"mx.sendgrid.net.": 10}}
			if c.provider == connection.Mailgun {
				z = zone{"shop.example.": {"mxa.mailgun.org.": 10}}
			}
			a := of(c.provider, "support@shop.example")
			a.Secrets["signing_key"] = c.key
			got, err := ses.New(config(s.URL, "us-east-1"), z.resolver(t), func() time.Time { return at }).Verify(t.Context(), a, "")
			if err != nil {
				t.Fatal(err)
			}
			if (len(got) > 0) != c.problem || c.problem && (got[0].Code != connection.WrongKey || !got[0].Passes() || strings.Contains(got[0].Message, c.key)) {
				t.Errorf("got %+v, want the problem %t, without the key", got, c.problem)
			}
		})
	}
}

// Each problem of the account and of the identity is named with what to do, all of them at once.
func TestVerify_Sending(t *testing.T) {
	for name, c := range map[string]struct {
		account fake.Account
		domain  fake.Identity
		want    []string
	}{
		"all is well":        {fake.Account{}, shop(), nil},
		"on probation":       {fake.Account{Enforcement: "PROBATION"}, shop(), nil},
		"sandbox":            {fake.Account{Sandbox: true}, shop(), []string{"Sandbox"}},
		"paused":             {fake.Account{Paused: true}, shop(), []string{"SendingPausedException"}},
		"shut down":          {fake.Account{Enforcement: "SHUTDOWN", Sandbox: true}, shop(), []string{"SendingPausedException"}},
		"nothing is done":    {fake.Account{Sandbox: true}, identity("another.example", true, org), []string{"IdentityNotFound", "Sandbox"}},
		"not verified":       {fake.Account{}, identity("shop.example", false, org), []string{"IdentityNotFound"}},
		"of another tenant":  {fake.Account{}, identity("shop.example", true, "another"), []string{"IdentityNotAssigned"}},
		"without assignment": {fake.Account{}, fake.Identity{Name: "shop.example", Verified: true}, []string{"IdentityNotAssigned"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := fake.Start(t, "us-east-1", c.domain)
			s.SetAccount(c.account)
			z := zone{"shop.example.": {"mxa.mailgun.org.": 10}}
			got, err := ses.New(config(s.URL, "us-east-1"), z.resolver(t), func() time.Time { return at }).Verify(t.Context(), account(), "")
			if err != nil {
				t.Fatal(err)
			}
			var codes []string
			for _, p := range got {
				codes = append(codes, p.Code)
				if p.Message == "" || p.Action == "" || !p.Since.Equal(at) {
					t.Errorf("got %+v, want a message, an action and a time", p)
				}
			}
			if d := cmp.Diff(c.want, codes); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

// A right that the deployment lacks is a problem, and an answer that does not come an error.
func TestVerify_NotRead(t *testing.T) {
	read := func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"VerifiedForSendingStatus":true,"Tags":[{"Key":"`+connection.IdentityTag+`","Value":"`+org+`"}]}`)
	}
	denied := fake.Error(403, "AccessDeniedException", "User: arn:aws:sts::123456789012:role")
	for name, c := range map[string]struct {
		replies []fake.Reply
		problem bool
	}{
		"identity denied":    {[]fake.Reply{denied}, true},
		"identity throttled": {[]fake.Reply{fake.Error(429, "TooManyRequestsException", "x")}, false},
		"identity hung up":   {[]fake.Reply{fake.HangUp, fake.HangUp}, false},
		"account denied":     {[]fake.Reply{read, denied}, true},
		"account throttled":  {[]fake.Reply{read, fake.Error(429, "TooManyRequestsException", "x")}, false},
	} {
		t.Run(name, func(t *testing.T) {
			s := fake.Start(t, "us-east-1", identity("support@shop.example", true, org))
			for _, r := range c.replies {
				s.RefuseRead(r)
			}
			z := zone{"shop.example.": {"mxa.mailgun.org.": 10}}
			got, err := ses.New(config(s.URL, "us-east-1"), z.resolver(t), func() time.Time { return at }).Verify(t.Context(), account(), "")
			if (err == nil) != c.problem || c.problem && (len(got) != 1 || strings.Contains(got[0].Message, "arn:")) {
				t.Errorf("got %v, %v", got, err)
			}
		})
	}
}
