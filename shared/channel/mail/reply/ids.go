package reply

import (
	"crypto/hmac"
	"slices"
	"strings"

	"github.com/quintet-agents/quintet/shared/channel"
)

// idHash is the length of the keyed hash in our own ids, in bytes: 16 characters.
const idHash = 10

// ID returns our own id of a send, as a message id of a domain without angle brackets. SES
// replaces the Message-ID of a mail and keeps its References, so the id is in both.
func ID(key []byte, ref, domain string) string {
	if len(key) == 0 {
		return ref + "@" + domain
	}
	return ref + "." + encoding.EncodeToString(hash(key, "id", []byte(ref), idHash)) + "@" + domain
}

// ReadID returns the send that a message id names. It reports false for an id that was not made
// with the key.
func ReadID(key []byte, id string) (ref string, ok bool) {
	name, domain, _ := strings.Cut(id, "@")
	ref, _, signed := strings.Cut(name, ".")
	if len(key) == 0 || !signed || domain == "" || !hmac.Equal([]byte(id), []byte(ID(key, ref, domain))) {
		return "", false
	}
	return ref, true
}

// The bounds of References: of an id in bytes, and of their number.
const (
	maxID         = 400
	maxReferences = 20
)

// references returns the ids of a mail's References: those of the mail that it answers, that
// mail's id, and our own. Of a long conversation they keep the first and the latest.
func references(h channel.MailHead, own string) []string {
	all := append(slices.Clone(h.References), h.InReplyTo, own)
	var kept []string
	for i, id := range all {
		if validID(id) && !slices.Contains(all[i+1:], id) {
			kept = append(kept, id)
		}
	}
	if extra := len(kept) - maxReferences; extra > 0 {
		kept = slices.Delete(kept, 1, 1+extra)
	}
	return kept
}

func validID(id string) bool {
	return id != "" && len(id) <= maxID && visible(id) && !strings.ContainsAny(id, "<>,")
}
