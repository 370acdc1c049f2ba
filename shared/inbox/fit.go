package inbox

import (
	"encoding/json"
	"slices"

	"github.com/quintet-agents/quintet/shared/channel"
	"github.com/quintet-agents/quintet/shared/clip"
	"github.com/quintet-agents/quintet/shared/turn"
)

// The limits of an update that is stored. A row of the table has at most 400 KB, and an update
// that cannot be stored would be delivered again until the provider gives up. In JSON a character
// may take six bytes.
const (
	maxEncoded  = 300 << 10 // bytes of the update's JSON
	maxFitIDs   = 20        // ids of earlier mails
	maxFitID    = 255       // bytes; longer ids are left out
	maxFitMedia = 20        // files
)

// fit returns an update that can be stored. It cuts the end of a text that is longer than a turn
// takes. An update that is still too large loses the ids of mails in the middle of its
// conversation, overlong ids and the files beyond a number, and then the end of its text.
func fit(u channel.Update) channel.Update {
	text := new(string)
	if u.Message != nil {
		m := *u.Message
		u.Message, text = &m, &m.Text
	}
	if u.Correction != nil {
		c := *u.Correction
		u.Correction, text = &c, &c.Text
	}
	*text = clip.Text(*text, turn.MaxText)
	if encoded(u) <= maxEncoded {
		return u
	}
	if m := u.Message; m != nil {
		m.Media = m.Media[:min(len(m.Media), maxFitMedia)]
		if m.Mail != nil {
			mail := *m.Mail
			mail.InReplyTo, mail.References = fitIDs(mail.InReplyTo), fitIDs(mail.References)
			m.Mail = &mail
		}
	}
	for *text != "" && encoded(u) > maxEncoded {
		*text = clip.Text(*text, len(*text)/2)
	}
	return u
}

// fitIDs returns the first id and the latest ones, of those that are no longer than any program
// makes them.
func fitIDs(ids []string) []string {
	ids = slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return len(id) > maxFitID })
	if extra := len(ids) - maxFitIDs; extra > 0 {
		return slices.Delete(ids, 1, 1+extra)
	}
	return ids
}

func encoded(u channel.Update) int {
	b, err := json.Marshal(u)
	if err != nil {
		return 0 // it is not stored either
	}
	return len(b)
}
