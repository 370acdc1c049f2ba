package meta

import (
	"cmp"
	"strconv"

	"github.com/quintet-agents/quintet/shared/channel"
)

// states are Meta's words for what became of a message.
var states = map[string]channel.State{
	"sent": channel.Sent, "delivered": channel.Delivered, "read": channel.Read, "played": channel.Played, "failed": channel.Failed,
}

// whatsAppStatus reads what became of a message. Its message id identifies it: the recipient
// may be hidden, and need not have the number that was written to.
func (b *batch) whatsAppStatus(account string, s object, contacts contacts) {
	id, state := s.id("id"), states[s.text("status")]
	switch {
	case id == "":
		b.ignore(account, "a status names no message")
		return
	case state == "":
		b.ignore(account, "the status %q is not used", word(s.text("status")))
		return
	case s.text("recipient_type") == "group":
		b.ignore(account, "a status of a group is not used")
		return
	}
	status := channel.Status{
		MessageID: id, State: state, At: s.moment("timestamp"), Price: price(s),
		Ref:    short(s.text("biz_opaque_callback_data"), channel.MaxRef),
		Person: contacts.describe(s.person("recipient_id", "recipient_user_id", "recipient_parent_user_id")),
	}
	if state == channel.Failed {
		status.Failure = &channel.SendError{Kind: channel.Rejected, Message: "WhatsApp gives no reason"}
		if errs := s.objects("errors"); len(errs) > 0 {
			status.Failure = failure(errs[0])
		}
	}
	b.add(channel.Update{Account: account, Status: &status})
}

// price returns what a message is charged by. Before version 24 the conversation may have the
// category alone.
func price(s object) channel.Price {
	p := s.object("pricing")
	return channel.Price{
		Type:     cmp.Or(p.name("type"), p.name("pricing_type")),
		Category: cmp.Or(p.name("category"), s.object("conversation").object("origin").name("type")),
	}
}

// failure returns an error of a webhook, of the kind that the answer to a send would have. An
// error without a code is Rejected.
func failure(e object) *channel.SendError {
	f := &channel.SendError{
		Kind: channel.Rejected, Message: cmp.Or(e.name("message"), e.name("title"), "WhatsApp gives no reason"),
		Details: cmp.Or(e.object("error_data").name("details"), e.name("details")),
	}
	if code, err := strconv.Atoi(e.text("code")); err == nil {
		f.Code, f.Kind = code, kindOf(code, false)
		f.Action = actionFor(f, 0)
	}
	return f
}
