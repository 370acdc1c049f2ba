package mail

import (
	netmail "net/mail"
	"regexp"
	"strings"

	"github.com/jhillyerd/enmime/v2"
)

const (
	maxAddress   = 254 // bytes
	maxAddresses = 200 // of a field
	maxList      = 64 << 10
)

var bare = regexp.MustCompile(`[^\s<>()",;:]+@[^\s<>()",;:]+`)

// addresses reads the addresses of a field. Where it is not written by the rules, the texts
// that look like addresses are taken.
func addresses(value string) []netmail.Address {
	if value == "" {
		return nil
	}
	value = value[:min(len(value), maxList)]
	var found []netmail.Address
	if list, err := enmime.ParseAddressList(value); err == nil {
		for _, a := range list {
			found = append(found, netmail.Address{Name: clean(a.Name), Address: clean(a.Address)})
		}
	} else {
		for _, text := range bare.FindAllString(value, maxAddresses) {
			found = append(found, netmail.Address{Address: clean(text)})
		}
		if len(found) == 1 {
			name, _, _ := strings.Cut(value, "<")
			found[0].Name = strings.Trim(clean(enmime.DecodeRFC2047(name)), `" `)
		}
	}
	kept := found[:0]
	for _, a := range found {
		if at := strings.LastIndexByte(a.Address, '@'); at > 0 && at < len(a.Address)-1 && len(a.Address) <= maxAddress && len(kept) < maxAddresses {
			if strings.EqualFold(a.Name, a.Address) {
				a.Name = ""
			}
			kept = append(kept, a)
		}
	}
	return kept
}

// split divides an address at its plus sign: "support+abc@example.com" is that of
// "support@example.com", with the token "abc". The base is in small letters.
func split(address string) (base, token string) {
	at := strings.LastIndexByte(address, '@')
	if at < 0 {
		return strings.ToLower(address), ""
	}
	local, token, _ := strings.Cut(address[:at], "+")
	return strings.ToLower(local + address[at:]), token
}

// sameMailbox reports whether two addresses differ in case and token at most.
func sameMailbox(a, b string) bool {
	baseA, _ := split(a)
	baseB, _ := split(b)
	return baseA == baseB
}
