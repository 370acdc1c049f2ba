package mail

import (
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"slices"
	"strings"
)

// The limits of message ids.
const (
	maxID      = 998 // bytes: the longest line of a mail
	maxIDs     = 100 // of a field
	maxStoreID = 255 // bytes of Inbound.ID, which is a key
)

var bracketed = regexp.MustCompile(`<([^<>]*)>`)

// messageIDs reads the message ids of a field, without brackets. Some programs separate them
// by commas or by nothing, or leave the brackets out. Their case is kept.
func messageIDs(values ...string) []string {
	var ids []string
	for _, value := range values {
		var found []string
		for _, match := range bracketed.FindAllStringSubmatch(value, -1) {
			found = append(found, match[1])
		}
		if len(found) == 0 {
			found = strings.FieldsFunc(value, func(r rune) bool { return r <= ' ' || r == ',' || r == ';' })
			found = slices.DeleteFunc(found, func(id string) bool { return !strings.Contains(id, "@") })
		}
		for _, id := range found {
			id = strings.Join(strings.Fields(id), "") // a fold may have cut the id
			if id != "" && len(id) <= maxID && !slices.Contains(ids, id) {
				ids = append(ids, id)
			}
			if len(ids) > maxIDs { // the first names the start of the thread, the last ones are nearest
				ids = slices.Delete(ids, 1, 2)
			}
		}
	}
	return ids
}

// messageID reads the id of a letter, or returns an empty string.
func messageID(value string) string {
	if ids := messageIDs(value); len(ids) > 0 {
		return ids[0]
	}
	id := strings.Join(strings.Fields(strings.Trim(strings.TrimSpace(value), "<>")), "")
	if len(id) > maxID {
		return ""
	}
	return id
}

// storeID returns the key of a letter: its message id, or a hash where it has none or one that
// is too long for a key. A redelivery has the same.
func (l letter) storeID() string {
	id := l.messageID()
	if id != "" && len(id) <= maxStoreID {
		return id
	}
	sum := sha256.New()
	for _, part := range []string{id, l.head.get("Date"), l.head.get("From"), l.head.get("To"), l.head.get("Subject"), l.text, l.html} {
		sum.Write([]byte(part))
		sum.Write([]byte{0})
	}
	return "sha256-" + hex.EncodeToString(sum.Sum(nil))
}

func (l letter) messageID() string { return messageID(l.head.get("Message-ID")) }
