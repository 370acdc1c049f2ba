package ses

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"

	"github.com/quintet-agents/quintet/shared/channel/mail/reply"
	"github.com/quintet-agents/quintet/shared/connection"
)

// inlets are the mail servers that the providers receive with, the first of them for messages.
// That of SES depends on the region of the topic.
var inlets = map[connection.Provider][]string{
	connection.SendGrid: {"mx.sendgrid.net", "mx.eu.sendgrid.net"},
	connection.Mailgun:  {"mxa.mailgun.org", "mxb.mailgun.org", "mxa.eu.mailgun.org", "mxb.eu.mailgun.org"},
	connection.Postmark: {connection.PostmarkInlet},
}

func inletsOf(c connection.Connection) []string {
	p := connection.Provider(c.Identifiers[connection.ProviderField])
	if p != connection.SES {
		return inlets[p]
	}
	region := ""
	if parts := strings.Split(c.Identifiers["topic_arn"], ":"); len(parts) > 3 {
		region = parts[3]
	}
	return []string{"inbound-smtp." + region + ".amazonaws.com"}
}

// verifyInlet returns why mail to a connection's address does not reach its provider, or nil. For
// Postmark any mail server is right, because the guide forwards mail to it. An error means that
// DNS gave no answer.
func (c *Client) verifyInlet(ctx context.Context, of connection.Connection) (*connection.Problem, error) {
	address, err := reply.ASCII(of.Identifiers["address"])
	if err != nil {
		return nil, nil //nolint:nilerr // the identity's problem names the address already
	}
	_, domain, _ := strings.Cut(address, "@")
	servers, err := c.dns.LookupMX(ctx, domain+".") // absolute: no search domain of the machine is tried
	failed, isDNS := errors.AsType[*net.DNSError](err)
	none := isDNS && failed.IsNotFound
	if err != nil && !none && len(servers) == 0 {
		return nil, fmt.Errorf("the MX records of %s were not read: %w", domain, err)
	}
	want := inletsOf(of)
	first := preferred(servers)
	action := fmt.Sprintf("In the DNS of %s, set the MX record to %s, and remove others.", domain, want[0])
	problem := func(code, message string) *connection.Problem {
		return &connection.Problem{Code: code, Message: message, Action: action, Since: c.now()}
	}
	forwards := of.Identifiers[connection.ProviderField] == string(connection.Postmark)
	if forwards {
		action = fmt.Sprintf("In the DNS of %s, set the MX record to your mail server, which forwards to Postmark, or to %s.", domain, want[0])
	}
	wrong := slices.DeleteFunc(slices.Clone(first), func(host string) bool { return slices.Contains(want, host) })
	switch {
	case len(first) == 0:
		return problem(connection.NoMX, fmt.Sprintf("The domain %s has no MX record, so no mail reaches it", domain)), nil
	case len(wrong) > 0 && !forwards:
		return problem(connection.WrongMX, fmt.Sprintf("Mail to %s goes to %s and not to the connection's provider", domain, strings.Join(wrong, " and "))), nil
	}
	return nil, nil
}

// preferred returns the names of the servers that are tried first, in lower case and without the
// dot at their end. A null MX (RFC 7505) is none.
func preferred(servers []*net.MX) []string {
	var names []string
	for _, s := range servers {
		name := strings.ToLower(strings.TrimSuffix(s.Host, "."))
		if s.Pref == slices.MinFunc(servers, func(a, b *net.MX) int { return int(a.Pref) - int(b.Pref) }).Pref && name != "" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}
