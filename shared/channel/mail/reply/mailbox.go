package reply

import (
	"errors"
	"net/mail"
	"strings"

	"golang.org/x/net/idna"
)

// mailbox is an address that SES accepts: ASCII, with an internationalized domain in Punycode.
type mailbox struct{ local, domain string }

// The bounds of addresses, in bytes.
const (
	maxLocal   = 64
	maxAddress = 254
)

var (
	errAddress = errors.New("it is not a mail address")
	errLocal   = errors.New("it has letters outside ASCII before the @, which Amazon SES does not support")
	errDomain  = errors.New("its domain is not valid")
)

func parseMailbox(address string) (mailbox, error) {
	a, err := mail.ParseAddress(address)
	if err != nil {
		return mailbox{}, errAddress
	}
	at := strings.LastIndexByte(a.Address, '@')
	m := mailbox{local: a.Address[:at], domain: a.Address[at+1:]}
	if !visible(strings.ReplaceAll(m.local, " ", "")) {
		return mailbox{}, errLocal
	}
	if !visible(m.domain) {
		if m.domain, err = idna.Lookup.ToASCII(m.domain); err != nil {
			return mailbox{}, errDomain
		}
	}
	if len(m.local) > maxLocal || len(m.String()) > maxAddress {
		return mailbox{}, errAddress
	}
	return m, nil
}

// visible reports whether a text is printable ASCII without blanks.
func visible(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r > '~' })
}

// String returns the address. A local part that needs quotes has them.
func (m mailbox) String() string {
	return strings.Trim((&mail.Address{Address: m.local + "@" + m.domain}).String(), "<>")
}

// tagged returns the mailbox with a token in its plus part. It reports false where there is no
// token, or no room for one.
func (m mailbox) tagged(token string) (mailbox, bool) {
	local := m.local + "+" + token
	fits := len(local) <= maxLocal && len(local)+1+len(m.domain) <= maxAddress
	return mailbox{local: local, domain: m.domain}, token != "" && fits && dotAtom(local)
}

// dotAtom reports whether a local part needs no quotes.
func dotAtom(local string) bool {
	const special = "()<>[]:;@\\,\""
	return visible(local) && !strings.ContainsAny(local, special)
}

// ASCII returns an address as SES writes it, with an internationalized domain in Punycode. It
// returns an error for one that SES cannot send from or to.
func ASCII(address string) (string, error) {
	m, err := parseMailbox(address)
	if err != nil {
		return "", err
	}
	return m.String(), nil
}
