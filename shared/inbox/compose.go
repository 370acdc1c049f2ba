package inbox

import (
	"github.com/quintet-agents/quintet/shared/channel"
	"github.com/quintet-agents/quintet/shared/connection"
)

// reply returns a reply of a chat, in parts of the channel's length.
func (w *Worker) reply(chat Chat, c connection.Connection, text, threadID string) *Reply {
	r := &Reply{Ref: chat.Ref, ThreadID: threadID, CreatedAt: w.Now(), Mail: head(chat)}
	if threadID == "" {
		r.ThreadID = ThreadID(c.AgentID, chat.Ref)
	}
	for _, part := range w.Providers(c.Channel).Split(text) {
		r.Parts = append(r.Parts, Part{Text: part})
	}
	return r
}

// head returns the head of a mail that answers the latest mail of a chat.
func head(chat Chat) *channel.MailHead {
	m := chat.Mail
	if m == nil {
		return nil
	}
	const most = 20 // the first one and the latest, as mail programs do
	refs := append(append([]string{}, m.References...), m.MessageID)
	if len(refs) > most {
		refs = append(refs[:1:1], refs[len(refs)-most+1:]...)
	}
	return &channel.MailHead{Subject: m.Subject, InReplyTo: m.MessageID, References: refs, Token: chat.ChatID}
}
