package reply

import (
	"slices"

	"github.com/quintet-agents/quintet/shared/channel"
)

// Recognize returns updates with the token of each mail replaced: by the id of the chat that the
// mail continues, or by nothing. The chat is the one that a token made with the key names, or
// else the one of a send whose own id is among the mails that it answers; chatOf returns the
// chat of such a send by its Ref. Tokens of others name no chat.
//
// A mail that answers one of ours also reports that this one was delivered, which settles a send
// whose response was lost.
func Recognize(key []byte, updates []channel.Update, chatOf func(ref string) (chatID string, ok bool)) []channel.Update {
	out := make([]channel.Update, 0, len(updates))
	for _, u := range updates {
		if u.Message == nil || u.Message.Mail == nil {
			out = append(out, u)
			continue
		}
		message, mail := *u.Message, *u.Message.Mail
		message.Mail, u.Message = &mail, &message
		ref := answers(key, mail)
		thread, signed := ReadToken(key, mail.Token)
		chat, ours := chatOf(ref)
		switch {
		case signed:
			mail.Token = thread.String()
		case ours:
			mail.Token = chat
		default:
			mail.Token = ""
		}
		out = append(out, u)
		if ref != "" {
			out = append(out, channel.Update{Account: u.Account, Status: &channel.Status{Ref: ref, State: channel.Delivered, At: message.At}})
		}
	}
	return out
}

// answers returns our id of the latest send that a mail answers; empty: none.
func answers(key []byte, m channel.Mail) string {
	for _, id := range slices.Concat(m.InReplyTo, reversed(m.References)) {
		if ref, ok := ReadID(key, id); ok {
			return ref
		}
	}
	return ""
}

func reversed(ids []string) []string {
	ids = slices.Clone(ids)
	slices.Reverse(ids)
	return ids
}
