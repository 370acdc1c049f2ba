package meta

import (
	"errors"
	"fmt"

	"github.com/quintet-agents/quintet/shared/channel"
	"github.com/quintet-agents/quintet/shared/clip"
)

// ErrFormat is the error of a body that is no webhook of Meta's.
var ErrFormat = errors.New("the body is not a webhook of Meta's")

// Parse returns what the body of a webhook reports, in its order: of WhatsApp, of Instagram or
// of Messenger. An unknown or wrong element becomes an Update with a reason in Ignored and does
// not affect the others, because Meta redelivers a refused batch as a whole and then drops it.
// The error wraps ErrFormat.
//
// The signature is to be checked before. A body is decoded only if it neither nests deeper nor
// has more values than a batch of Meta's, so the memory for it is bounded.
func Parse(body []byte) ([]channel.Update, error) {
	root, err := decode(body)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFormat, err)
	}
	var b batch
	switch kind := root.text("object"); kind {
	case "whatsapp_business_account":
		b.entries(root, b.whatsApp)
	case "instagram", "page":
		b.entries(root, b.page)
	case "":
		if root.text("field") == "" || !root.has("value") {
			return nil, fmt.Errorf("%w: it has no object", ErrFormat)
		}
		b.ignore("", "a test event of Meta's dashboard")
	default:
		b.ignore("", "updates of the object %q are not used", word(kind))
	}
	return b.updates, nil
}

// batch collects the updates of a body.
type batch struct{ updates []channel.Update }

func (b *batch) add(u channel.Update) { b.updates = append(b.updates, u) }

// ignore adds an update that needs nothing done. Several of one reason in a row become one, so
// that a batch of echoes is one line of the log.
func (b *batch) ignore(account, reason string, values ...any) {
	u := channel.Update{Account: account, Ignored: fmt.Sprintf(reason, values...)}
	if len(b.updates) == 0 || b.updates[len(b.updates)-1] != u {
		b.add(u)
	}
}

// testEntry is the id of the entries that the "Test" button of Meta's dashboard sends.
const testEntry = "0"

// entries reads each entry of a body.
func (b *batch) entries(root object, read func(entry object)) {
	for _, entry := range root.objects("entry") {
		switch {
		case entry == nil:
			b.ignore("", "an entry is not an object")
		case entry.text("id") == testEntry:
			b.ignore("", "a test event of Meta's dashboard")
		default:
			read(entry)
		}
	}
	if len(b.updates) == 0 {
		b.ignore("", "the body has no entries")
	}
}

// word shortens a word of the body for a reason.
func word(text string) string {
	const longest = 64
	return clip.Text(text, longest)
}
